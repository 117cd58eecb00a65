// What the README shows must run as it stands.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { describe, it } from 'node:test'
import { program } from './program.js'

/** A port that was free a moment ago; the README's own may be taken. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

describe('README', () => {
  it('the first snippet runs and prints what its servers answered', async () => {
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
    const snippet = /```ts\n(.*?)```/s.exec(readme)?.[1]
    assert.ok(snippet, 'the README begins with a snippet')
    const { code, stdout, stderr } = await program(snippet.replaceAll('7007', String(await freePort())))
    assert.equal(stderr, '')
    assert.equal(code, 0)
    assert.deepEqual(stdout.trimEnd().split('\n').sort(), [
      'you said: hello from ada',
      'you said: hello from barbara',
      'you said: hello from grace',
    ])
  })
})
