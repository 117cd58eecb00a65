import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { runToEnd } from './child.js'
import { places } from './places.js'

export interface Programs {
  load: string
  echoEpoll: string
  udp: string
}

const FLAGS = ['-std=c11', '-O2', '-Wall', '-Wextra', '-Wshadow', '-Wconversion', '-Werror']

function newestSource(): number {
  return Math.max(...readdirSync(places.native).map((name) => statSync(join(places.native, name)).mtimeMs))
}

async function compile(name: string): Promise<string> {
  const program = join(places.build, name)
  const built = statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (built > newestSource()) return program
  mkdirSync(places.build, { recursive: true })
  // Renamed into place, so that a bench that is running meanwhile never starts half a program.
  const fresh = `${program}.${process.pid}`
  const compiler = process.env['CC'] ?? 'cc'
  const command = [compiler, ...FLAGS, '-o', fresh, join(places.native, `${name}.c`)]
  const { code, stderr } = await runToEnd(command, 120_000).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    throw new Error(`The bench's C programs need a C compiler, and there is no '${compiler}': install gcc, or set CC`)
  })
  if (code !== 0) throw new Error(`${command.join(' ')} failed:\n${stderr}`)
  renameSync(fresh, program)
  return program
}

/** Compiles the load generators and the C floors, when they are older than their sources. */
export async function buildPrograms(): Promise<Programs> {
  return { load: await compile('load'), echoEpoll: await compile('echo_epoll'), udp: await compile('udp') }
}
