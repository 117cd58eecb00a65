import { existsSync, readdirSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

// A package has unit tests when it has a folder `test`; each is a project of its own, named as its folder.
const projects = ['packages', 'tooling'].flatMap((area) =>
  readdirSync(new URL(area, import.meta.url))
    .filter((name) => existsSync(new URL(`${area}/${name}/test`, import.meta.url)))
    .map((name) => ({ extends: true as const, test: { name, root: `${area}/${name}` } })),
)

export default defineConfig({
  // Node 20 has no `using`, so it is translated as tsc does it for the packages.
  oxc: { target: 'es2022' },
  test: {
    projects,
    include: ['test/**/*.test.ts'],
    // A process for each file: a test may load a native addon, change signal handlers or count descriptors.
    pool: 'forks',
    // What nobody looked at is reported when it is collected, so tests must be able to ask for a collection.
    execArgv: ['--expose-gc'],
    testTimeout: 10_000,
    allowOnly: false,
    reporters: ['default', 'json'],
    outputFile: { json: 'reports/unit.json' },
  },
})
