import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** How a program ended. */
export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export function start(command: string, args: readonly string[], cwd: string): Promise<Outcome> {
  return new Promise((resolve) =>
    execFile(command, args, { cwd, timeout: 180_000, encoding: 'utf8' }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr }),
    ),
  )
}

/** What asks a registry for packages, with no script of theirs run. */
export type PackageManager = 'npm' | 'pnpm'

const quiet = { npm: ['--no-audit', '--no-fund', '--loglevel=error'], pnpm: ['--silent'] }

/** An empty folder into which `@loop/core` gets installed as anybody would. */
export class Folder {
  readonly path: string
  readonly #manager: PackageManager

  constructor(path: string, manager: PackageManager, registry: string) {
    this.path = path
    this.#manager = manager
    mkdirSync(path)
    writeFileSync(join(path, 'package.json'), '{ "name": "somebody", "version": "1.0.0", "private": true }\n')
    writeFileSync(join(path, '.npmrc'), `@loop:registry=${registry}\n`)
  }

  /** @param options for another platform than this one */
  async install(options: readonly string[] = []): Promise<void> {
    const verb = this.#manager === 'npm' ? 'install' : 'add'
    const args = [verb, '@loop/core', '--ignore-scripts', ...quiet[this.#manager], ...options]
    const { code, stdout, stderr } = await start(this.#manager, args, this.path)
    if (code !== 0) throw new Error(`${this.#manager} ${args.join(' ')} ended with ${code}\n${stdout}${stderr}`)
  }

  get modules(): string {
    return join(this.path, 'node_modules')
  }

  /** The folders of our packages, by name without the scope. */
  packages(): Map<string, string> {
    const found = new Map<string, string>()
    const { modules } = this
    if (this.#manager === 'npm') {
      for (const name of readdirSync(join(modules, '@loop'))) found.set(name, join(modules, '@loop', name))
      return found
    }
    for (const entry of readdirSync(join(modules, '.pnpm'))) {
      const [, name] = /^@loop\+([^@]+)@/.exec(entry) ?? []
      if (name !== undefined) found.set(name, join(modules, '.pnpm', entry, 'node_modules/@loop', name))
    }
    return found
  }

  /** As if it had never been installed. */
  remove(name: string): void {
    const folder = this.packages().get(name)
    if (folder === undefined) throw new Error(`@loop/${name} is not installed`)
    rmSync(folder, { recursive: true })
  }
}
