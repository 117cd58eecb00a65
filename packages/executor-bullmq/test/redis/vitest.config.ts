import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Apart from the unit tests: these need a Redis, which run.mjs starts.
export default defineConfig({
  oxc: { target: 'es2022' },
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    include: ['*.redis.ts'],
    pool: 'forks',
    testTimeout: 30_000,
    allowOnly: false,
    reporters: ['default', 'json'],
    outputFile: { json: fileURLToPath(new URL('../../../../reports/executor-bullmq.json', import.meta.url)) },
  },
})
