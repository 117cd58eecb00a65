import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { firstLine } from './machine.js'
import { places } from './places.js'
import type { Programs } from './programs.js'

/** A program that sends datagrams or receives them: it takes `send PORT SIZES SECONDS WARMUP` or `receive SECONDS WARMUP`. */
export interface UdpPeer {
  name: string
  /** Null where it is missing on this machine; `version` then says what. */
  command: [string, ...string[]] | null
  version: string
  /** What follows the arguments, and which way it is for. */
  flag?: string
  only?: 'send'
}

export const UDP_OURS = 'loop'
export const UDP_BASELINES = { node: 'node-dgram', floor: 'c-mmsg', uvloop: 'uvloop' } as const

function nodePeer(name: string, file: string): UdpPeer {
  const path = join(places.peers, file)
  const there = existsSync(path)
  return {
    name,
    command: there ? [process.execPath, path] : null,
    version: there ? `Node ${process.version}` : `${file} is not there`,
  }
}

function pythonPeer(name: string, python: string, question: string, missing: string, flags: string[]): UdpPeer {
  const version = firstLine([python, '-c', question])
  const script = join(places.peers, 'asyncio_udp.py')
  return { name, command: version === null ? null : [python, script, ...flags], version: version ?? missing }
}

/** Every program there is to measure, in the order of the tables. */
export function listUdpPeers(programs: Programs): UdpPeer[] {
  const python = process.env['PYTHON'] ?? '/usr/bin/python3'
  const c: [string] = [programs.udp]
  return [
    nodePeer(UDP_OURS, 'udp-loop.mjs'),
    nodePeer('loop-endpoint', 'udp-loop-endpoint.mjs'),
    nodePeer(UDP_BASELINES.node, 'udp-node-dgram.mjs'),
    { name: UDP_BASELINES.floor, command: c, version: 'plain C, sendmmsg and recvmmsg' },
    { name: 'c-gso', command: c, version: 'plain C, UDP_SEGMENT', flag: 'gso', only: 'send' },
    pythonPeer(
      'asyncio',
      python,
      'import platform; print("CPython", platform.python_version())',
      `${python} does not run`,
      [],
    ),
    pythonPeer(
      UDP_BASELINES.uvloop,
      python,
      'import uvloop; print("uvloop", uvloop.__version__)',
      `${python} has no uvloop (Debian: python3-uvloop)`,
      ['--uvloop'],
    ),
  ]
}
