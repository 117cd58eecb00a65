import type { Goal } from './goals.js'
import type { Samples } from './samples.js'
import { type Bench, type SuiteResult, takeTurns } from './suite.js'
import { figure, type Table } from './table.js'
import { listUdpPeers, UDP_BASELINES, UDP_OURS, type UdpPeer } from './udp-peers.js'
import { measureTraffic, type Traffic } from './udp-traffic.js'

const TRAFFIC: readonly Traffic[] = [
  { way: 'send', sizes: '64' },
  { way: 'send', sizes: '1200' },
  { way: 'send', sizes: '60-68' },
  { way: 'receive', sizes: '64' },
  { way: 'receive', sizes: '1200' },
]

const trafficName = ({ way, sizes }: Traffic) => `${way} ${sizes} B`

function table(samples: Samples, traffic: Traffic, peers: readonly UdpPeer[]): Table {
  const kind = trafficName(traffic)
  const measured = peers.map(({ name }) => name).filter((name) => samples.peers().includes(name))
  const { node, floor, uvloop } = UDP_BASELINES
  const ratio = (peer: string, base: string) => samples.ratio(peer, base, kind, 'rate')
  const rows = measured
    .filter((peer) => !Number.isNaN(samples.median(peer, kind, 'rate')))
    .map((peer) => [
      peer,
      samples.median(peer, kind, 'rate'),
      ratio(peer, node),
      ratio(peer, uvloop),
      ratio(peer, floor),
      samples.median(peer, kind, 'cpuUs'),
      samples.ratio(node, peer, kind, 'cpuUs'),
      ...(traffic.way === 'send' ? [samples.median(peer, kind, 'arrived')] : []),
    ])
  return {
    title: `UDP, ${kind}`,
    head: [
      '',
      'datagrams/s',
      `/ ${node}`,
      `/ ${uvloop}`,
      `/ ${floor}`,
      'CPU, us each',
      `${node}'s CPU / its`,
      ...(traffic.way === 'send' ? ['arrived'] : []),
    ],
    rows,
    note:
      traffic.way === 'send'
        ? 'Connected sockets, on loopback; a sink in C looks at every byte.'
        : 'Out of a storm that is more than any of them can take; what is not received in time is lost.',
  }
}

/** Datagrams a second, sent and received, and what one costs. */
export async function udp(bench: Bench): Promise<SuiteResult> {
  const { cores, options, programs } = bench
  const { peers: wanted, seconds, warmup } = options
  const peers = listUdpPeers(programs).filter(
    ({ name, command }) => command !== null && (wanted === null || wanted.includes(name)),
  )
  const { samples, failures } = await takeTurns(bench, {
    rounds: options.rounds,
    cases: TRAFFIC,
    peers,
    caseName: trafficName,
    peerName: ({ name }) => name,
    fits: ({ way, sizes }, { only, flag }) =>
      (only === undefined || only === way) && (flag === undefined || !sizes.includes('-')),
    measure: ({ case: traffic, peer }) =>
      measureTraffic(peer, traffic, { program: programs.udp, cores, seconds, warmup }),
    brief: ({ rate, cpuUs }) => `${figure(rate!)} datagrams/s, CPU ${figure(cpuUs!)} us each`,
  })
  const goals: Goal[] = TRAFFIC.filter(({ way, sizes }) => way === 'send' && !sizes.includes('-')).map((traffic) => ({
    what: `UDP, ${trafficName(traffic)}, rate / ${UDP_BASELINES.node}`,
    bound: 'at least',
    wanted: 2,
    measured: samples.ratio(UDP_OURS, UDP_BASELINES.node, trafficName(traffic), 'rate'),
  }))
  return { samples, failures, tables: TRAFFIC.map((traffic) => table(samples, traffic, peers)), goals, summary: null }
}
