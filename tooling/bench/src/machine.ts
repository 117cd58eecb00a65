import { execFileSync } from 'node:child_process'
import { accessSync, constants as fs, readFileSync } from 'node:fs'
import { arch, constants, cpus, loadavg, release } from 'node:os'
import { delimiter, join } from 'node:path'

/** Where server and load run: on cores of their own, where the machine has two. */
export interface Cores {
  server: number | undefined
  load: number | undefined
  /** Why the two share what there is; empty when they do not. */
  shared: string
}

export function signalNumber(signal: NodeJS.Signals): number {
  return constants.signals[signal]
}

/** The path of a program on PATH, or null. */
export function onPath(program: string): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(folder, program)
    try {
      accessSync(file, fs.X_OK)
      return file
    } catch {
      // It is in none of the folders before; the next may have it.
    }
  }
  return null
}

/** What a program prints first, or null when it cannot run. */
export function firstLine(command: readonly [string, ...string[]]): string | null {
  const [program, ...args] = command
  try {
    const output = execFileSync(program, args, {
      encoding: 'utf8',
      timeout: 10_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return output.split('\n', 1)[0]!.trim()
  } catch {
    return null
  }
}

function status(field: string, file = '/proc/self/status'): string {
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .find((line) => line.startsWith(field))
  return line?.slice(field.length).trim() ?? ''
}

/** `0-2,5` -> 0, 1, 2, 5. */
export function parseCpuList(list: string): number[] {
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number)
    return Array.from({ length: last! - first! + 1 }, (_, i) => first! + i)
  })
}

export function chooseCores(): Cores {
  const allowed = parseCpuList(status('Cpus_allowed_list:'))
  if (onPath('taskset') === null) {
    return { server: undefined, load: undefined, shared: 'taskset (util-linux) is not installed: nothing is pinned' }
  }
  if (allowed.length < 2) {
    return { server: undefined, load: undefined, shared: 'one core only: server and load take it from each other' }
  }
  return { server: allowed[0], load: allowed[1], shared: '' }
}

/** The most descriptors that one process can be given here. */
export function descriptorLimit(): number {
  const [, hard] = status('Max open files', '/proc/self/limits').split(/\s+/)
  return hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard)
}

/** What a reader has to know of the machine to judge the figures. */
export function describeMachine() {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    arch: arch(),
    kernel: release(),
    node: process.version,
    loadAverage: Number(loadavg()[0]!.toFixed(2)),
    environment: Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('LOOP_'))),
  }
}
