// Core's unit tests in a node.exe under Wine: node tooling/wine/unit.mjs
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

// Vite's own resolver is WebAssembly here, which knows no drives; tests and sources name each other by relative paths.
const relativePaths = {
  name: 'relative-paths',
  enforce: 'pre',
  resolveId(id, importer) {
    if (importer === undefined || !/^\.\.?\//.test(id)) return
    const path = resolve(dirname(importer), id)
    const source = path.replace(/\.js$/, '.ts')
    return (existsSync(source) ? source : path).replaceAll('\\', '/')
  },
}

export default {
  plugins: [relativePaths],
  oxc: { target: 'es2022' },
  server: { watch: null },
  test: {
    root: resolve(import.meta.dirname, '../../packages/core').replaceAll('\\', '/'),
    // Not among them: what is about Linux (sockets, subprocess but for Windows' own), types, which are the same everywhere, the
    // stress tests, and one that replaces a module of Node's (tls).
    include: [
      'test/{backend,context,dns,executors,futures,introspection,loop,policy,proactor,queues,runners,selectors,streams}/*.test.ts',
      'test/{sync,tasks,transports}/*.test.ts',
      'test/subprocess/windows/*.test.ts',
    ],
    // On epoll; the conformance suite has readers_writers for all mechanisms.
    exclude: ['test/loop/selector_event_loop.test.ts'],
    pool: 'forks',
    // Wine has one processor (wine.mjs), and starts processes slowly.
    maxWorkers: 1,
    testTimeout: 20_000,
    execArgv: ['--expose-gc'],
    allowOnly: false,
    watch: false,
  },
}
