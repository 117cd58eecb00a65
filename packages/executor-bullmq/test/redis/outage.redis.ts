import { newEventLoop } from '@loop/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BullMQExecutor, runWorker } from '../../src/index.js'
import { RedisServer } from './redis_server.js'

let warnings: string[]
beforeEach(() => {
  warnings = []
  vi.spyOn(process, 'emitWarning').mockImplementation(((message: string) => void warnings.push(message)) as never)
})
afterEach(() => void vi.restoreAllMocks())

const at = (port: number) => ({ connection: { host: '127.0.0.1', port } })
const job = (value: unknown) => ({ fn: (value: unknown) => value, args: [value] })

describe('a Redis', () => {
  it('that cannot be reached is told of once, and does not keep an executor from ending', async () => {
    const executor = new BullMQExecutor(at(1))
    const waiting = executor.submit(job(1))
    await vi.waitFor(() => expect(warnings).toEqual([expect.stringMatching(/BullMQExecutor loop: .*ECONNREFUSED/)]))
    const ended = executor.shutdown({ cancelFutures: true })
    await expect(waiting).rejects.toThrow('The executor was shut down')
    await ended
    expect(warnings).toHaveLength(1)
  })

  it('that comes back with nothing has lost the jobs that it had, and takes new ones', async () => {
    let server = await RedisServer.start()
    const loop = newEventLoop()
    const controller = new AbortController()
    const worker = loop.runUntilComplete(() => runWorker({ ...at(server.port), signal: controller.signal }))
    const executor = new BullMQExecutor(at(server.port))
    expect(await executor.submit(job(1))).toBe(1)
    const lost = executor.submit({ fn: () => new Promise((resolve) => setTimeout(resolve, 1000)), args: [] })
    const taken = new BullMQExecutor(at(server.port))
    expect(await taken.submit(job(2))).toBe(2)
    await server.end('SIGKILL')
    server = await RedisServer.start(server.port)
    await expect(lost).rejects.toMatchObject({ code: 'ERR_EXECUTOR_BROKEN', message: /removed from the queue/ })
    expect(await executor.submit(job(3))).toBe(3)
    await Promise.all([executor.shutdown(), taken.shutdown()])
    controller.abort()
    await worker
    loop.close()
    await server.end()
  })

  it('that goes for good keeps neither side from ending', async () => {
    const server = await RedisServer.start()
    const loop = newEventLoop()
    const controller = new AbortController()
    const worker = loop.runUntilComplete(() => runWorker({ ...at(server.port), signal: controller.signal }))
    const executor = new BullMQExecutor(at(server.port))
    expect(await executor.submit(job(1))).toBe(1)
    await server.end('SIGKILL')
    await vi.waitFor(() => expect(warnings.filter((each) => each.startsWith('runWorker'))).toHaveLength(1))
    controller.abort()
    await Promise.all([executor.shutdown(), worker])
    loop.close()
  })
})
