// node dist/publish.js [--dry-run]: publishes what the registry does not have yet, each package after what it depends on, so
// that nobody can install a core whose backends are not there yet. Everything else (access, provenance) is npm's to know.
import { execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { inOrder, type Manifest, manifestOf, publishedFolders } from './tarball.js'

const dryRun = process.argv.includes('--dry-run')
const folders = publishedFolders(fileURLToPath(new URL('../../..', import.meta.url)))

function isPublished({ name, version }: Manifest): boolean {
  const { stdout } = spawnSync('npm', ['view', `${name}@${version}`, 'version'], { encoding: 'utf8' })
  return stdout.trim() === version
}

for (const folder of inOrder(folders)) {
  const manifest = manifestOf(folder)
  const what = `${manifest.name}@${manifest.version}`
  if (dryRun) console.log(`would publish ${what}`)
  else if (isPublished(manifest)) console.log(`${what} is published already`)
  else execFileSync('pnpm', ['publish', '--no-git-checks'], { cwd: folder, stdio: 'inherit' })
}
