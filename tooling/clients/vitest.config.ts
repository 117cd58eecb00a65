import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

// Apart from the unit tests, as these need servers of Debian's: pnpm --filter @tooling/clients clients
export default defineConfig({
  oxc: { target: 'es2022' },
  test: {
    root: path('.'),
    include: ['src/*.clients.ts'],
    globalSetup: path('./src/servers/setup.ts'),
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    allowOnly: false,
    reporters: ['default', 'json'],
    outputFile: { json: path('../../reports/clients.json') },
  },
})
