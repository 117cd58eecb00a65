// node dist/install/main.js: installs @loop/core from the tarballs that would be published, into empty folders, as users
// do, and runs the README's program there. Prints a table; what does not hold ends it with an error.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { pack, publishedFolders } from '../tarball.js'
import { Folder, type PackageManager, start } from './folder.js'
import { hosts } from './hosts.js'
import { Registry } from './registry.js'
import { Size } from './size.js'
import { snippetOf } from './snippet.js'

/** What is installed where: this platform's backend, and nobody else's. */
const backends: Readonly<Record<string, readonly string[]>> = {
  linux: ['epoll-linux'],
  darwin: ['kqueue-darwin'],
  win32: ['proactor-win', 'selector-win'],
}

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const { programs, lines } = snippetOf(root)
let failed = 0

function row(what: string, problem: string | undefined, detail = ''): void {
  if (problem !== undefined) failed++
  console.log(`${what.padEnd(44)} ${problem === undefined ? 'ok' : `FAILED: ${problem}`} ${detail}`.trimEnd())
}

function checkPackages(folder: Folder, platform: string): string | undefined {
  const wanted = ['core', ...backends[platform]!].sort().join(', ')
  const found = [...folder.packages().keys()].sort().join(', ')
  return found === wanted ? undefined : `${found} are installed, not ${wanted}`
}

async function checkProgram(command: string, args: readonly string[], cwd: string): Promise<string | undefined> {
  const { code, stdout, stderr } = await start(command, args, cwd)
  return outputProblem(code, stdout, stderr)
}

function outputProblem(code: number, stdout: string, stderr = ''): string | undefined {
  const printed = stdout.trim().split('\n').sort()
  return code === 0 && printed.join() === lines.join() ? undefined : `it ended with ${code}\n${stdout}${stderr}`
}

interface Wine {
  requireWine(): void
  stop(): void
  windowsPath(path: string): string
  runNode(major: number, args: readonly string[]): { code: number; text: string }
}

async function runUnderWine(file: string): Promise<{ code: number; text: string }> {
  const wine = (await import(pathToFileURL(join(root, 'tooling/wine/wine.mjs')).href)) as Wine
  wine.requireWine()
  try {
    return wine.runNode(20, [wine.windowsPath(file)])
  } finally {
    wine.stop()
  }
}

/** Without its backend, core must say what is missing and which command brings it back. */
async function checkRepair(folder: Folder): Promise<string | undefined> {
  for (const name of backends[process.platform]!) folder.remove(name)
  const { code, stderr } = await start(process.execPath, [programs.ESM.file], folder.path)
  if (code !== 0 && /ERR_LOOP_NO_BACKEND/.test(stderr) && /npm (install|ci|i) /.test(stderr)) return
  return `it ended with ${code}\n${stderr}`
}

async function tryManager(manager: PackageManager, work: string, registry: string): Promise<void> {
  const folder = new Folder(join(work, manager), manager, registry)
  await folder.install()
  row(`${manager}: only this platform's backend`, checkPackages(folder, process.platform))
  if (manager === 'npm' && process.platform === 'linux') {
    const { problem, detail } = await Size.of(folder, root)
    row('npm: its size, with what it depends on', problem, detail)
  }
  for (const [kind, { file, source }] of Object.entries(programs)) {
    writeFileSync(join(folder.path, file), source)
    for (const { name, command, args } of hosts(root))
      row(`${manager}: README, ${kind}, ${name}`, await checkProgram(command, [...args, file], folder.path))
  }
  row(`${manager}: the error without the backend`, await checkRepair(folder))
  const windows = new Folder(join(work, `${manager}-win32`), manager, registry)
  await windows.install(['--os=win32', '--cpu=x64'])
  row(`${manager}: --os=win32 --cpu=x64`, checkPackages(windows, 'win32'))
  // Node cannot see under Wine that what pnpm has linked on Linux are links.
  if (manager === 'pnpm' || !existsSync('/usr/lib/wine/wine64')) return
  for (const [kind, { file, source }] of Object.entries(programs)) {
    writeFileSync(join(windows.path, file), source)
    const { code, text } = await runUnderWine(join(windows.path, file))
    row(`${manager}: README, ${kind}, Windows' Node 20 under Wine`, outputProblem(code, text))
  }
}

const work = mkdtempSync(join(tmpdir(), 'loop-install-'))
const registry = await Registry.start(publishedFolders(root).map((each) => pack(each, work)))
try {
  for (const manager of ['npm', 'pnpm'] as const) await tryManager(manager, work, registry.url)
} finally {
  registry.close()
  rmSync(work, { recursive: true })
}
if (failed > 0) process.exitCode = 1
