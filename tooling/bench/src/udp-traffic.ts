import { end, launch, runToEnd } from './child.js'
import type { Cores } from './machine.js'
import type { UdpPeer } from './udp-peers.js'
import { type UdpCount, UdpReceiver, udpCountOf } from './udp-receiver.js'

/** Which way the measured program moves datagrams, and of which sizes: one, or several in turns. */
export interface Traffic {
  way: 'send' | 'receive'
  sizes: string
}

export interface TrafficOptions {
  /** The C program, which is at the other end. */
  program: string
  cores: Pick<Cores, 'server' | 'load'>
  seconds: number
  warmup: number
}

/** Start-up and end of the programs, beside the measured seconds. */
const ALLOWANCE = 20_000

/** Lets `peer` send or receive as fast as it can: datagrams a second, what one costs, and which part of them arrived. */
export function measureTraffic(
  peer: UdpPeer,
  traffic: Traffic,
  options: TrafficOptions,
): Promise<Record<string, number>> {
  return traffic.way === 'send' ? sending(peer, traffic.sizes, options) : receiving(peer, traffic.sizes, options)
}

async function sending(peer: UdpPeer, sizes: string, options: TrafficOptions): Promise<Record<string, number>> {
  const { program, cores, seconds, warmup } = options
  const sink = new UdpReceiver([program, 'sink', sizes], cores.load)
  try {
    const args = ['send', String(await sink.port()), sizes, String(seconds), String(warmup)]
    const command = [...peer.command!, ...args, ...(peer.flag === undefined ? [] : [peer.flag])]
    const limit = (seconds + warmup) * 1000 + ALLOWANCE
    const { code, stdout, stderr } = await runToEnd(command, limit, { core: cores.server })
    if (code !== 0) throw new Error(`${peer.name} ended with ${code}: ${stderr.trim()}`)
    const sent = udpCountOf(stdout)
    const arrived = await sink.stop()
    if (arrived.wrong !== 0 || arrived.total > sent.total || arrived.total === 0)
      throw new Error(`${peer.name} sent ${sent.total} datagrams, ${arrived.total} came, ${arrived.wrong} were wrong`)
    return { ...figuresOf(sent), arrived: arrived.total / sent.total }
  } finally {
    await sink.kill()
  }
}

async function receiving(peer: UdpPeer, sizes: string, options: TrafficOptions): Promise<Record<string, number>> {
  const { program, cores, seconds, warmup } = options
  const receiver = new UdpReceiver([...peer.command!, 'receive', String(seconds), String(warmup)], cores.server)
  const limiter = setTimeout(() => void receiver.kill(), (seconds + warmup) * 1000 + ALLOWANCE)
  try {
    const storm = launch([program, 'send', String(await receiver.port()), sizes, '3600', '0', 'gso'], {
      core: cores.load,
      stdio: 'ignore',
    })
    try {
      return figuresOf(await receiver.count())
    } finally {
      await end(storm)
    }
  } finally {
    clearTimeout(limiter)
    await receiver.kill()
  }
}

function figuresOf({ datagrams, seconds, cpuSeconds }: UdpCount): Record<string, number> {
  return { rate: datagrams / seconds, cpuUs: (cpuSeconds / datagrams) * 1e6 }
}
