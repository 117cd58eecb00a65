import { createRequire } from 'node:module'
import { type EventLoop, type LoopBackend, newEventLoop, socketpair } from '@loop/core'
import { capabilities, type Feature, features, supportOf } from '@loop/core/capabilities'

export interface Diagnosis {
  /** Whether a loop was made, and worked. */
  readonly ok: boolean
  readonly host: { readonly name: string; readonly version: string; readonly platform: string; readonly arch: string }
  readonly core: { readonly version: string }
  readonly backend:
    | (LoopBackend & { readonly version: string; readonly why: string; readonly whyDriver: string })
    | null
  /** What is wrong, with how to repair it. */
  readonly problem: string | null
  /** Milliseconds that a byte took through a loop of its own. */
  readonly roundTrip: number | null
  /** The `LOOP_*` variables that are set. */
  readonly environment: Readonly<Record<string, string>>
  readonly features: readonly FeatureSupport[]
}

export interface FeatureSupport {
  readonly name: Feature
  readonly title: string
  readonly supported: boolean
  /** What to use instead. */
  readonly hint: string | null
}

/** Makes a loop as a program would, and sends a byte through it. */
export async function diagnose(): Promise<Diagnosis> {
  const facts = { host: host(), core: { version: versionOf('@loop/core') }, environment: environment() }
  let loop: EventLoop
  try {
    loop = newEventLoop()
  } catch (error) {
    return { ok: false, ...facts, backend: null, problem: (error as Error).message, roundTrip: null, features: [] }
  }
  const { backend } = loop
  const found = {
    backend: { ...backend, version: versionOf(backend.package), why: why(), whyDriver: whyDriver(backend) },
    features: features.map((name) => support(name, loop)),
  }
  try {
    const roundTrip = await measure(loop)
    return { ok: true, ...facts, ...found, problem: null, roundTrip }
  } catch (error) {
    return {
      ok: false,
      ...facts,
      ...found,
      problem: `the loop does not work: ${(error as Error).message}`,
      roundTrip: null,
    }
  } finally {
    loop.close()
  }
}

function host(): Diagnosis['host'] {
  const versions: Readonly<Record<string, string | undefined>> = process.versions
  const name = versions['bun'] !== undefined ? 'Bun' : versions['deno'] !== undefined ? 'Deno' : 'Node'
  const version = versions['bun'] ?? versions['deno'] ?? process.versions.node
  return { name, version, platform: process.platform, arch: process.arch }
}

/** Of a package as core finds it. */
function versionOf(name: string): string {
  const require = createRequire(import.meta.url)
  const fromCore = createRequire(require.resolve('@loop/core/package.json'))
  return (fromCore(name === '@loop/core' ? './package.json' : `${name}/package.json`) as { version: string }).version
}

function environment(): Record<string, string> {
  const set = Object.entries(process.env).filter(([name, value]) => name.startsWith('LOOP_') && value)
  return Object.fromEntries(set.sort()) as Record<string, string>
}

function why(): string {
  const { LOOP_BACKEND, LOOP_BACKEND_PATH } = process.env
  const chosen = LOOP_BACKEND ? `LOOP_BACKEND=${LOOP_BACKEND}` : `the default of ${process.platform}`
  return LOOP_BACKEND_PATH ? `${chosen}, with LOOP_BACKEND_PATH=${LOOP_BACKEND_PATH}` : chosen
}

function whyDriver({ driver }: LoopBackend): string {
  if (process.env['LOOP_DRIVER']) return `LOOP_DRIVER=${process.env['LOOP_DRIVER']}`
  if (driver === 'uv') return 'the host’s own loop watches the poller'
  if (driver !== 'thread') return 'the only one of this backend'
  return host().name === 'Node'
    ? 'the poller has no descriptor that the host’s loop could watch'
    : `${host().name} has no loop that an addon may use`
}

function support(name: Feature, loop: EventLoop): FeatureSupport {
  const supported = loop.supports(name)
  const answer = supported ? true : supportOf(name, loop.backend.name as never)
  const hint = typeof answer === 'object' ? answer.otherwise : answer
  return { name, title: capabilities[name].title, supported, hint: typeof hint === 'string' ? hint : null }
}

async function measure(loop: EventLoop): Promise<number> {
  const [near, far] = socketpair()
  try {
    return await loop.runUntilComplete(async () => {
      const began = loop.time()
      const [byte] = await Promise.all([loop.sockRecv(far, 1), loop.sockSendall(near, 'x')])
      if (String(byte) !== 'x') throw new Error(`sent x, received ${String(byte)}`)
      return loop.time() - began
    })
  } finally {
    near.close()
    far.close()
  }
}
