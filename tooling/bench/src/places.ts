import { fileURLToPath } from 'node:url'

// This file runs from `dist` when compiled and from `src` in the tests: both lie one folder below the package.
const folder = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

export const places = {
  native: folder('../native/'),
  build: folder('../build/'),
  peers: folder('../peers/'),
  micro: folder('../micro/'),
  root: folder('../../../'),
  examples: folder('../../../examples/'),
  reports: folder('../../../reports/'),
}
