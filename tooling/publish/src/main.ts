// node dist/main.js: packs every package that gets published and checks the tarballs; what is wrong ends it with an error.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileConsumer } from './consumer.js'
import { lintManifest, lintTypes } from './lint.js'
import { pack, publishedFolders } from './tarball.js'

const folder = mkdtempSync(join(tmpdir(), 'loop-publish-'))
try {
  const tarballs = publishedFolders(fileURLToPath(new URL('../../..', import.meta.url))).map((each) =>
    pack(each, folder),
  )
  let complaints = 0
  const say = (who: string, found: readonly string[]) => {
    complaints += found.length
    console.log(found.length === 0 ? `${who}: clean` : found.map((each) => `${who}: ${each}`).join('\n'))
  }
  for (const tarball of tarballs) {
    say(tarball.manifest.name, [...(await lintManifest(tarball)), ...(await lintTypes(tarball))])
  }
  say('a program that imports them all', compileConsumer(tarballs, folder))
  if (complaints > 0) process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true })
}
