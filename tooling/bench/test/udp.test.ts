import { beforeAll, describe, expect, it } from 'vitest'
import { runToEnd } from '../src/child.js'
import { buildPrograms, type Programs } from '../src/programs.js'
import { listUdpPeers, UDP_BASELINES, UDP_OURS } from '../src/udp-peers.js'
import { UdpReceiver, udpCountOf } from '../src/udp-receiver.js'
import { measureTraffic } from '../src/udp-traffic.js'

const BRIEF = { cores: { server: undefined, load: undefined }, seconds: 0.1, warmup: 0.05 }

let programs: Programs

beforeAll(async () => {
  programs = await buildPrograms()
}, 120_000)

describe.each([UDP_OURS, 'loop-endpoint', UDP_BASELINES.node, UDP_BASELINES.floor])('%s', (name) => {
  const peer = () => listUdpPeers(programs).find((one) => one.name === name)!

  it.each(['1200', '60-68'])('sends datagrams of %s bytes, which arrive as they should be', async (sizes) => {
    const figures = await measureTraffic(peer(), { way: 'send', sizes }, { ...BRIEF, program: programs.udp })
    expect(figures['rate']).toBeGreaterThan(0)
    expect(figures['arrived']).toBeGreaterThan(0)
    expect(figures['arrived']).toBeLessThanOrEqual(1)
  })

  it('receives', async () => {
    const figures = await measureTraffic(peer(), { way: 'receive', sizes: '64' }, { ...BRIEF, program: programs.udp })
    expect(figures['rate']).toBeGreaterThan(0)
  })
})

it('the sink sees datagrams of another size', async () => {
  const sink = new UdpReceiver([programs.udp, 'sink', '64'], undefined)
  try {
    const port = String(await sink.port())
    const { stdout } = await runToEnd([programs.udp, 'send', port, '65', '0.05', '0'], 10_000)
    expect(udpCountOf(stdout).total).toBeGreaterThan(0)
    const { total, wrong } = await sink.stop()
    expect(total).toBeGreaterThan(0)
    expect(wrong).toBe(total)
  } finally {
    await sink.kill()
  }
})
