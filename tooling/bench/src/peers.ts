import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { firstLine, onPath } from './machine.js'
import { places } from './places.js'
import type { Programs } from './programs.js'

/** Callbacks that are given what came, callbacks that say where it goes, and streams. */
export const STYLES = ['protocol', 'buffered', 'streams'] as const
export type Style = (typeof STYLES)[number]

/** A server to measure: it takes a port as its last argument and prints `listening PORT`. */
export interface Peer {
  name: string
  style: Style
  /** Runs in this Node, so that a module can be loaded into it beforehand. */
  node: boolean
  /** Null where it is missing on this machine; `version` then says what. */
  command: [string, ...string[]] | null
  version: string
}

export const OURS = 'loop'
export const OURS_BUFFERED = 'loop-buffered'
export const BASELINES = { nodeNet: 'node-net', floor: 'c-epoll', uvloop: 'uvloop' } as const

function nodePeer(name: string, style: Style, file: string): Peer {
  const there = existsSync(file)
  const version = there ? `Node ${process.version}` : `${file.slice(places.root.length)} is not there`
  return { name, style, node: true, command: there ? [process.execPath, file] : null, version }
}

function pythonPeers(): Peer[] {
  // Debian's own, since python3-uvloop is installed for that one; a version manager's comes first on many a PATH.
  const python = process.env['PYTHON'] ?? '/usr/bin/python3'
  const asyncio = firstLine([python, '-c', 'import platform; print("CPython", platform.python_version())'])
  const uvloop = firstLine([python, '-c', 'import uvloop; print("uvloop", uvloop.__version__)'])
  const script = join(places.peers, 'asyncio_echo.py')
  const peer = (name: string, style: Style, version: string | null, missing: string, flags: string[]): Peer => ({
    name,
    style,
    node: false,
    command: version === null ? null : [python, script, ...flags],
    version: version ?? missing,
  })
  const noPython = `${python} does not run`
  const noUvloop = `${python} has no uvloop (Debian: python3-uvloop)`
  return [
    peer('asyncio', 'protocol', asyncio, noPython, []),
    peer('uvloop', 'protocol', uvloop, noUvloop, ['--uvloop']),
    peer('uvloop-buffered', 'buffered', uvloop, noUvloop, ['--uvloop', '--buffered']),
    peer('asyncio-streams', 'streams', asyncio, noPython, ['--streams']),
    peer('uvloop-streams', 'streams', uvloop, noUvloop, ['--uvloop', '--streams']),
  ]
}

/** Bun's binary: named by BUN, installed from npm beside us, or on PATH. */
function findBun(): string | null {
  const modules = join(places.root, 'node_modules')
  const scope = join(modules, '@oven')
  const installed = existsSync(scope) ? readdirSync(scope).map((name) => join(scope, name, 'bin', 'bun')) : []
  const candidates = [process.env['BUN'], ...installed, join(modules, '.bin', 'bun'), onPath('bun')]
  return candidates.find((file) => file && existsSync(file)) ?? null
}

function bunPeer(): Peer {
  const bun = findBun()
  const version = bun === null ? null : firstLine([bun, '--version'])
  return {
    name: 'bun',
    style: 'protocol',
    node: false,
    command: version === null ? null : [bun!, join(places.peers, 'bun-echo.mjs')],
    version: version === null ? 'no bun on PATH or in BUN' : `Bun ${version}`,
  }
}

/** Every server there is to measure, in the order of the tables; those that are missing say why. */
export function listPeers(programs: Programs): Peer[] {
  return [
    nodePeer(OURS, 'protocol', join(places.examples, 'echo-protocol.mjs')),
    nodePeer(BASELINES.nodeNet, 'protocol', join(places.peers, 'node-net.mjs')),
    { name: BASELINES.floor, style: 'protocol', node: false, command: [programs.echoEpoll], version: 'plain C, epoll' },
    bunPeer(),
    nodePeer(OURS_BUFFERED, 'buffered', join(places.examples, 'echo-buffered.mjs')),
    nodePeer('loop-streams', 'streams', join(places.examples, 'echo-streams.mjs')),
    nodePeer('node-net-for-await', 'streams', join(places.peers, 'node-net-for-await.mjs')),
    ...pythonPeers(),
  ]
}
