import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sockets } from './addon.mjs'

describe('memory that is given back before the collector comes', () => {
  it('is what holds these bytes alone', () => {
    const before = process.memoryUsage().arrayBuffers
    const bytes = Buffer.alloc(16 * 1024 * 1024)
    assert.equal(sockets.release(bytes), 1)
    assert.deepEqual([bytes.length, bytes.buffer.byteLength], [0, 0])
    assert.ok(process.memoryUsage().arrayBuffers < before + 1024 * 1024)
    // Once more does no harm.
    assert.equal(typeof sockets.release(bytes), 'number')
  })

  it('is not what others may see, or what cannot be given away', () => {
    const whole = Buffer.alloc(100, 'x')
    for (const part of [whole.subarray(1), whole.subarray(0, 99), Buffer.from('of a pool')]) {
      const { length } = part
      assert.equal(sockets.release(part), 0)
      assert.equal(part.length, length)
    }
    assert.equal(String(whole), 'x'.repeat(100))
    const shared = new Uint8Array(new SharedArrayBuffer(8))
    assert.equal(sockets.release(shared), 0)
    assert.equal(shared.length, 8)
    const pages = new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer)
    assert.equal(sockets.release(pages), 0)
    assert.equal(pages.length, 65_536)
  })

  it('is bytes: anything else is a TypeError', () => {
    for (const wrong of [undefined, null, 5, 'bytes', {}, new ArrayBuffer(8), new DataView(new ArrayBuffer(8))]) {
      assert.throws(() => sockets.release(wrong), TypeError)
    }
  })
})
