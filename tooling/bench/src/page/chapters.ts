import { MEANING } from '../micro.js'
import { BASELINES, OURS, OURS_BUFFERED } from '../peers.js'
import { UDP_BASELINES } from '../udp-peers.js'
import { markdownTable, type Row } from './markdown.js'
import type { Recorded } from './recorded.js'

const MIB = 2 ** 20

function chapter(title: string, recorded: Recorded, about: string, head: readonly string[], rows: readonly Row[]) {
  return [`## ${title}`, recorded.provenance, about, markdownTable(head, rows)].join('\n\n')
}

export function tlsChapter(recorded: Recorded): string {
  const { samples } = recorded
  return chapter(
    'TLS',
    recorded,
    'A TLS server on the loop beside `node:tls` over `node:net`; what lies between them is in\n[decision 24](decisions/0024-tls-over-transports.md).',
    ['', 'ours', 'node:tls', 'rate / node:tls', 'CPU / node:tls'],
    samples
      .cases()
      .map((kind) => [
        kind,
        samples.median(OURS, kind, 'rate'),
        samples.median('node-tls', kind, 'rate'),
        samples.ratio(OURS, 'node-tls', kind, 'rate'),
        samples.ratio(OURS, 'node-tls', kind, 'cpuUsPerUnit'),
      ]),
  )
}

export function udpChapter(recorded: Recorded): string {
  const { samples } = recorded
  const { node, floor, uvloop } = UDP_BASELINES
  return chapter(
    'Datagrams',
    recorded,
    'Over connected sockets. `loop` is the transport with its callbacks, `loop-endpoint` the endpoint that one awaits. Receiving\nis out of a storm that is more than any of them can take.',
    ['', 'program', 'datagrams/s', `rate / ${node}`, `rate / ${uvloop}`, `rate / ${floor}`, 'CPU, us each'],
    samples
      .cases()
      .flatMap((kind) =>
        recorded.everybody
          .filter((peer) => !Number.isNaN(samples.median(peer, kind, 'rate')))
          .map((peer) => [
            kind,
            peer,
            samples.median(peer, kind, 'rate'),
            ...[node, uvloop, floor].map((base) => samples.ratio(peer, base, kind, 'rate')),
            samples.median(peer, kind, 'cpuUs'),
          ]),
      ),
  )
}

export function spawnChapter(recorded: Recorded): string {
  const { samples } = recorded
  return chapter(
    'Processes',
    recorded,
    '`/bin/true`, one after another, by a program that has as much memory in use. The pause is how much later than after 1 ms a\ntimer of the loop fires while one is started.',
    ['memory', 'program', 'start to end, ms', 'pause of the loop, ms (median)', 'longest pause, ms'],
    samples
      .cases()
      .flatMap((kind) =>
        recorded.everybody.map((peer) => [
          kind,
          peer,
          ...['spawnMs', 'pauseMs', 'longestMs'].map((value) => samples.median(peer, kind, value)),
        ]),
      ),
  )
}

export function idleChapter(recorded: Recorded): string {
  const { samples } = recorded
  const [kind = ''] = samples.cases()
  return chapter(
    'Memory of a connection that is open and idle',
    recorded,
    `${kind}; each has echoed one message.`,
    ['', 'resident, bytes each', 'JavaScript heap, bytes each', 'the process without any, MiB'],
    recorded.everybody.map((peer) => [
      peer,
      samples.median(peer, kind, 'residentEach'),
      samples.median(peer, kind, 'heapEach'),
      samples.median(peer, kind, 'residentEmpty') / MIB,
    ]),
  )
}

export function fairnessChapter(recorded: Recorded): string {
  const { samples } = recorded
  const peers = recorded.peers([OURS, OURS_BUFFERED, BASELINES.nodeNet])
  return chapter(
    'Fairness to the host',
    recorded,
    'How late `setTimeout(10)` is in the process of a server that has all it can do, ms.',
    ['load', ...peers.flatMap((peer) => [`${peer}, median`, '99th percentile'])],
    samples
      .cases()
      .map((kind) => [
        kind,
        ...peers.flatMap((peer) => ['p50Ms', 'p99Ms'].map((value) => samples.median(peer, kind, value))),
      ]),
  )
}

export function microChapter(recorded: Recorded): string {
  const { samples } = recorded
  const peers = recorded.peers([OURS, 'promises', 'asyncio', 'uvloop'])
  const others = recorded.peers(['asyncio', 'uvloop', 'promises'])
  return chapter(
    'Primitives',
    recorded,
    'Nanoseconds of processor time. `promises` is what the bare language and host offer for the same end, without order,\ncancellation or tasks: the lower bound, not a rival.',
    ['', ...peers.map((peer) => (peer === OURS ? 'ours' : peer)), ...others.map((peer) => `${peer} / ours`)],
    Object.entries(MEANING).map(([operation, meaning]) => [
      meaning,
      ...peers.map((peer) => samples.median(peer, 'ns', operation)),
      ...others.map((peer) => samples.ratio(peer, OURS, 'ns', operation)),
    ]),
  )
}
