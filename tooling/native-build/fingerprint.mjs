// A fingerprint of files: the same names with the same bytes give the same text. What was built from them need not be
// built again. Contents are read, not times, because a checkout or a copy changes every time stamp.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

const GENERATED = new Set(['node_modules', 'dist', 'build', 'prebuilds', 'reports', '.cache', '.turbo', '.git'])

function* filesUnder(path) {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return
  if (!found.isDirectory()) {
    yield path
    return
  }
  for (const name of readdirSync(path).sort()) if (!GENERATED.has(name)) yield* filesUnder(join(path, name))
}

/**
 * @param {string} root names are taken relative to this folder, so that a moved checkout keeps its fingerprint
 * @param {string[]} paths files and folders, relative to `root`; those that do not exist count as empty
 * @param {readonly string[]} [facts] whatever else the result depends on: versions, flags
 */
export function fingerprint(root, paths, facts = []) {
  const hash = createHash('sha256')
  for (const fact of facts) hash.update(`${fact}\0`)
  for (const path of paths)
    for (const file of filesUnder(join(root, path)))
      hash
        .update(`${relative(root, file)}\0`)
        .update(readFileSync(file))
        .update('\0')
  return hash.digest('hex')
}
