import { readFileSync } from 'node:fs'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { problemKindInfo } from '@arethetypeswrong/core/problems'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import type { Tarball } from './tarball.js'

/** What publint has to say of a tarball, suggestions too. */
export async function lintManifest({ file }: Tarball): Promise<string[]> {
  const bytes = readFileSync(file)
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
  const { messages, pkg } = await publint({ pack: { tarball }, strict: true })
  return messages.map((message) => `publint: ${message.type}: ${formatMessage(message, pkg) ?? message.code}`)
}

/**
 * What "Are the types wrong?" finds. The packages are ES modules for Node 20 and later: resolution as of Node 10 knows no
 * `exports`, and a `require` of them is for newer releases of Node, whose rules it does not know yet.
 */
export async function lintTypes({ file }: Tarball): Promise<string[]> {
  const analysis = await checkPackage(createPackageFromTarballData(readFileSync(file)))
  if (analysis.types === false) return ['types: the package has none']
  return analysis.problems
    .filter((problem) => !('resolutionKind' in problem && /^node10$|^node16-cjs$/.test(problem.resolutionKind)))
    .map((problem) => `types: ${problemKindInfo[problem.kind].title}: ${JSON.stringify(problem)}`)
}
