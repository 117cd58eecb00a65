import { existsSync, readdirSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

const existing = (path: string) =>
  ['packages', 'tooling'].flatMap((area) =>
    readdirSync(new URL(area, import.meta.url))
      .filter((name) => existsSync(new URL(`${area}/${name}/${path}`, import.meta.url)))
      .map((name) => ({ name, root: `${area}/${name}` })),
  )

// A package has unit tests when it has a folder `test`; each is a project of its own, named as its folder.
const units = existing('test').map(({ name, root }) => ({ extends: true as const, test: { name, root } }))

// Type tests are run by the compiler, not by Node: projects apart, so that a look at one unit test does not wait for it.
const types = existing('test/types').map(({ name, root }) => ({
  extends: true as const,
  test: {
    name: `${name}-types`,
    root,
    include: [],
    typecheck: {
      enabled: true,
      only: true,
      include: ['test/types/**/*.test-d.ts'],
      tsconfig: 'test/types/tsconfig.json',
    },
  },
}))

export default defineConfig({
  // Node 20 has no `using`, so it is translated as tsc does it for the packages.
  oxc: { target: 'es2022' },
  test: {
    projects: [...units, ...types],
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
