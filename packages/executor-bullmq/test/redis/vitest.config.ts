import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

// Apart from the unit tests, as these need redis-server: node node_modules/vitest/vitest.mjs run --config THIS
export default defineConfig({
  oxc: { target: 'es2022' },
  test: {
    root: path('.'),
    include: ['*.redis.ts'],
    globalSetup: path('./redis_server.ts'),
    pool: 'forks',
    testTimeout: 30_000,
    allowOnly: false,
    reporters: ['default', 'json'],
    outputFile: { json: path('../../../../reports/executor-bullmq.json') },
  },
})
