import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, unknown>>
}

/** A package as it would be published. */
export interface Tarball {
  readonly manifest: Manifest
  readonly file: string
}

/** The folders of the packages that get published. */
export function publishedFolders(root: string): string[] {
  return readdirSync(join(root, 'packages'))
    .map((name) => join(root, 'packages', name))
    .filter((folder) => existsSync(join(folder, 'package.json')) && !manifestOf(folder).private)
}

/** The folders again, each after those of the packages that it depends on. */
export function inOrder(folders: readonly string[]): string[] {
  const left = new Map(folders.map((folder) => [manifestOf(folder).name, folder]))
  const ordered: string[] = []
  const take = (name: string) => {
    const folder = left.get(name)
    if (folder === undefined) return
    left.delete(name)
    const { dependencies, optionalDependencies } = manifestOf(folder)
    for (const needed of Object.keys({ ...dependencies, ...optionalDependencies })) take(needed)
    ordered.push(folder)
  }
  for (const name of [...left.keys()]) take(name)
  return ordered
}

export function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

/** @param target a folder for the tarball */
export function pack(folder: string, target: string): Tarball {
  const output = execFileSync('pnpm', ['pack', '--json', '--pack-destination', target], {
    cwd: folder,
    encoding: 'utf8',
    // pnpm is a script of the shell's on Windows.
    shell: process.platform === 'win32',
  })
  const { filename } = JSON.parse(output) as { filename: string }
  return { manifest: manifestOf(folder), file: join(target, filename.split(/[\\/]/).at(-1)!) }
}

/** Unpacks it to where Node and the compiler look for it. */
export function install(tarball: Tarball, modules: string): void {
  const target = join(modules, tarball.manifest.name)
  mkdirSync(target, { recursive: true })
  execFileSync('tar', ['-xzf', tarball.file, '-C', target, '--strip-components=1'])
}
