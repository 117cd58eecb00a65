// Which packages the workspace has and what a build of them leaves.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './root.mjs'

const AREAS = ['packages', 'tooling']

/** The packages' folders, relative to the root. */
export const packages = () => [
  ...AREAS.flatMap((area) => readdirSync(join(root, area)).map((name) => `${area}/${name}`)).filter((path) =>
    existsSync(join(root, path, 'package.json')),
  ),
  'examples',
]

const hasFiles = (path) => existsSync(path) && readdirSync(path).length > 0

const isCompiled = (path) =>
  JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')).scripts?.build !== undefined &&
  hasFiles(join(root, path, 'src'))

/** What must exist after a build. Of the native addon only the folder: its build knows by itself whether it is current. */
export const outputs = () => [
  ...packages()
    .filter(isCompiled)
    .map((path) => join(root, path, 'dist')),
  ...(process.platform === 'linux' ? [join(root, 'packages/epoll-linux/prebuilds')] : []),
]
