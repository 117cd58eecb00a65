// node tooling/afunix-shim/build.mjs: builds afunix.dll, the self-check, and a copy of the addon that calls the DLL where it
// would call Windows, all into .cache/wine/afunix.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { requireMingw } from '../native-build/mingw.mjs'
import { readImports, withImportsFrom } from './imports.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = join(here, '../..')
const folder = join(root, '.cache/wine/afunix')
const compiler = 'x86_64-w64-mingw32-g++-posix'
const library = 'afunix.dll'
/** The libraries that it stands before. */
const replaced = ['ws2_32.dll', 'kernel32.dll']
const flags = [
  ...['-std=c++17', '-O1', '-Wall', '-Wextra', '-Werror', '-fno-exceptions', '-fno-rtti'],
  ...['-D_WIN32_WINNT=0x0a00', '-DWIN32_LEAN_AND_MEAN', '-DNOMINMAX', `-I${here}`, '-static', '-s'],
]

function run(command, args) {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${error?.message ?? signal ?? status}`)
}

const sourcesIn = (path) =>
  readdirSync(path)
    .filter((name) => name.endsWith('.cc'))
    .map((name) => join(path, name))

/** The module definition: what the stand-in answers, and all else that the binaries import, forwarded to where that is. */
function definition(binaries) {
  const calls = readFileSync(join(here, 'calls.def'), 'utf8')
  const own = new Set([...calls.matchAll(/^ {2}(\w+) = /gm)].map(([, name]) => name))
  const forwarders = new Map()
  for (const imported of binaries.flatMap(readImports)) {
    if (!replaced.includes(imported.library.toLowerCase())) continue
    const module = imported.library.replace(/\.dll$/i, '')
    for (const name of imported.functions) if (!own.has(name)) forwarders.set(name, module)
  }
  return calls + [...forwarders].map(([name, module]) => `  ${name} = ${module}.${name}\n`).join('')
}

/**
 * Builds everything anew, which takes seconds.
 *
 * @returns {{ addon: string, selfCheck: string }} the paths of the two binaries that call the stand-in, which is beside them
 */
export function buildShim() {
  requireMingw()
  run(process.execPath, ['tooling/native-build/build.mjs', '--addon', 'proactor-win'])
  mkdirSync(folder, { recursive: true })
  const original = join(folder, 'self_check_of_windows.exe')
  run(compiler, [...flags, ...sourcesIn(join(here, 'test')), '-o', original, '-lws2_32'])
  const binaries = {
    addon: { from: join(root, 'packages/proactor-win/prebuilds/win32-x64/loop.node'), to: join(folder, 'loop.node') },
    selfCheck: { from: original, to: join(folder, 'self_check.exe') },
  }
  const contents = Object.values(binaries).map(({ from, to }) => ({ to, bytes: readFileSync(from) }))
  const exported = join(folder, 'afunix.def')
  writeFileSync(exported, definition(contents.map(({ bytes }) => bytes)))
  run(compiler, [...flags, '-shared', ...sourcesIn(here), exported, '-o', join(folder, library), '-lws2_32'])
  for (const { to, bytes } of contents) writeFileSync(to, withImportsFrom(bytes, replaced, library))
  return { addon: binaries.addon.to, selfCheck: binaries.selfCheck.to }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) buildShim()
