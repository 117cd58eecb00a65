import { execFile } from 'node:child_process'
import { get } from 'node:http'
import { promisify } from 'node:util'
import type { StreamReader, StreamWriter } from '@loop/core'

/** A small HTTP/1.1 responder on streams: what a client asked for, as text. */
export async function respond(reader: StreamReader, writer: StreamWriter): Promise<void> {
  await using _ = writer
  for (;;) {
    const request = (await reader.readuntil(['\r\n\r\n', '\n\n'])).toString('latin1')
    const [method, path] = request.split(' ', 2)
    const body = `You asked for ${path} by ${method}, on an event loop of your own.\n`
    const close = /^connection: *close/im.test(request)
    const head = [
      'HTTP/1.1 200 OK',
      'Content-Type: text/plain',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `Connection: ${close ? 'close' : 'keep-alive'}`,
    ]
    await writer.write(`${head.join('\r\n')}\r\n\r\n${body}`)
    if (close) return
  }
}

/** Fetches `url` with the machine's curl, or with Node's own client where there is none. */
export async function fetchOutside(url: string): Promise<{ client: string; body: string }> {
  try {
    const { stdout } = await promisify(execFile)('curl', [
      '--silent',
      '--show-error',
      '--max-time',
      '5',
      '--header',
      'Connection: close',
      url,
    ])
    return { client: 'curl', body: stdout }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return { client: 'node:http', body: await nodeGet(url) }
  }
}

function nodeGet(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, async (response) => {
      let body = ''
      for await (const chunk of response.setEncoding('utf8')) body += chunk
      resolve(body)
    }).once('error', reject)
  })
}
