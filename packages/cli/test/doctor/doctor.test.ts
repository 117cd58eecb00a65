import { features } from '@loop/core/capabilities'
import { describe, expect, it } from 'vitest'
import { command } from '../command.js'

describe.runIf(process.platform === 'linux')('loop doctor', () => {
  it('says which backend and driver load, why, and what is supported', async () => {
    const { code, stdout, stderr } = await command(['doctor'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^host +Node \d+\.\d+\.\d+, linux-\w+$/m)
    expect(stdout).toMatch(/^backend +@loop\/epoll-linux \d+\.\d+\.\d+, a selector$/m)
    expect(stdout).toMatch(/^mechanism +epoll: the default of linux$/m)
    expect(stdout).toMatch(/^driver +uv: /m)
    expect(stdout).toMatch(/^works +a byte .* took [\d.]+ ms$/m)
    expect(stdout).toMatch(/^ {2}yes {2}TLS \(tls\)$/m)
    expect(stdout).toMatch(/^ {2}no {3}.*\(fileReadiness\): .+node:fs$/m)
  })

  it('tells what the environment changed', async () => {
    const { stdout } = await command(['doctor'], { LOOP_BACKEND: 'poll', LOOP_DRIVER: 'thread' })
    expect(stdout).toMatch(/^mechanism +poll: LOOP_BACKEND=poll$/m)
    expect(stdout).toMatch(/^driver +thread: LOOP_DRIVER=thread$/m)
    expect(stdout).toMatch(/^environment +LOOP_BACKEND=poll LOOP_DRIVER=thread$/m)
  })

  it('--json gives the same as data', async () => {
    const diagnosis = JSON.parse((await command(['doctor', '--json'], { LOOP_BACKEND: 'select' })).stdout)
    expect(diagnosis).toMatchObject({
      ok: true,
      host: { name: 'Node', platform: 'linux' },
      backend: { name: 'select', package: '@loop/epoll-linux', why: 'LOOP_BACKEND=select', driver: 'thread' },
      environment: { LOOP_BACKEND: 'select' },
      problem: null,
    })
    expect(diagnosis.features.map((feature: { name: string }) => feature.name)).toEqual([...features])
  })

  it('ends with 1 and the repair when nothing loads', async () => {
    const nowhere = { LOOP_BACKEND_PATH: '/nowhere/loop.node' }
    const text = await command(['doctor'], nowhere)
    expect(text.code).toBe(1)
    expect(text.stdout).toMatch(/^environment +LOOP_BACKEND_PATH=\/nowhere\/loop\.node$/m)
    expect(text.stderr).toContain('/nowhere/loop.node is not a file')
    const data = await command(['doctor', '--json'], nowhere)
    expect(data.code).toBe(1)
    expect(JSON.parse(data.stdout)).toMatchObject({
      ok: false,
      backend: null,
      problem: expect.stringContaining('Unset it'),
    })
  })
})
