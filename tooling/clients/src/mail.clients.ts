import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type ConnectOptions, connect } from '@loop/node'
import { createTransport } from 'nodemailer'
import { SMTPServer } from 'smtp-server'
import { describe, expect, it } from 'vitest'
import { onLoop } from './over.js'
import { cert } from './servers/folder.js'

const key = readFileSync(new URL('../../conformance/certificates/localhost.key', import.meta.url))

/** Sends a message over a connection of the loop to a server of the package `smtp-server`. */
async function send(secure: boolean, ssl: ConnectOptions['ssl'], requireTLS: boolean): Promise<string> {
  const received: Promise<string>[] = []
  const server = new SMTPServer({
    secure,
    key,
    cert,
    authOptional: true,
    onData: (stream, _, done) => {
      received.push(text(stream))
      stream.on('end', () => done())
    },
  })
  server.listen(0, '127.0.0.1')
  await once((server as unknown as { server: import('node:net').Server }).server, 'listening')
  const { port } = (server as unknown as { server: import('node:net').Server }).server.address() as AddressInfo
  const connection = await connect({ host: 'localhost', family: 4, port, ssl })
  const transport = createTransport({
    connection,
    host: 'localhost',
    secure,
    secured: secure,
    requireTLS,
    tls: { ca: cert },
  } as never)
  const body = 'The quick brown fox\n'.repeat(20_000)
  await transport.sendMail({ from: 'ada@example.test', to: 'grace@example.test', subject: 'news', text: body })
  transport.close()
  await new Promise<void>((resolve) => server.close(resolve))
  expect(received).toHaveLength(1)
  return received[0]!
}

describe('nodemailer', () => {
  it('over TCP', () =>
    onLoop(async () => {
      expect(await send(false, undefined, false)).toMatch(/^Subject: news\r$/m)
    }))

  it('its own STARTTLS over our TCP', () =>
    onLoop(async () => {
      expect(await send(false, undefined, true)).toMatch(/^Subject: news\r$/m)
    }))

  it('over our TLS', () =>
    onLoop(async () => {
      expect(await send(true, { ca: cert }, false)).toMatch(/^Subject: news\r$/m)
    }))
})
