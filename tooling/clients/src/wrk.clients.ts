import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { type ServeHttpOptions, serveHttp } from '@loop/node'
import { describe, expect, it } from 'vitest'
import { onLoop } from './over.js'
import { cert } from './servers/folder.js'

const key = readFileSync(new URL('../../conformance/certificates/localhost.key', import.meta.url))
const body = 'x'.repeat(1000)

async function load(ssl: ServeHttpOptions['ssl']): Promise<{ seen: number; report: string }> {
  let seen = 0
  const server = http.createServer((_, response) => {
    seen++
    response.end(body)
  })
  const serving = await serveHttp(server, { host: '127.0.0.1', port: 0, ssl, backlog: 1000 })
  const url = `${ssl ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const { stdout } = await promisify(execFile)('wrk', ['-t1', '-c100', '-d3s', '--timeout', '20s', url])
  server.close()
  server.closeAllConnections()
  await serving.waitClosed()
  return { seen, report: stdout }
}

describe('http.Server on the loop, under wrk', () => {
  it.each([
    ['TCP', null],
    ['TLS', { cert, key }],
  ])('100 connections over %s: every reply is whole, no error', (_, ssl) =>
    onLoop(async () => {
      const { seen, report } = await load(ssl)
      expect(report).not.toMatch(/Socket errors|Non-2xx/)
      const counted = Number(/(\d+) requests in/.exec(report)?.[1])
      // Those under way when wrk ends are not counted by it.
      expect(counted).toBeGreaterThan(100)
      expect(seen).toBeGreaterThanOrEqual(counted)
      expect(seen).toBeLessThanOrEqual(counted + 100)
      console.log(/Requests\/sec.*/.exec(report)?.[0])
    }),
  )
})
