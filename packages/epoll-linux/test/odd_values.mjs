// Values that no function expects, in an order that a seed decides.
export const seed = Number(process.env.LOOP_FUZZ_SEED ?? 20240229)

let state = seed
export function random(below) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return Math.floor((state / 2 ** 32) * below)
}
export const pick = (list) => list[random(list.length)]

export const thrown = new Error('from a getter')
export const throwing = (...names) => {
  const object = {}
  for (const name of names) {
    Object.defineProperty(object, name, {
      get() {
        throw thrown
      },
      enumerable: true,
    })
  }
  return object
}

export const detached = (Type) => {
  const view = new Type(new ArrayBuffer(64))
  structuredClone(view.buffer, { transfer: [view.buffer] })
  return view
}

/** Views whose memory changed since they were made. */
export function unsteady() {
  const tracking = new Uint8Array(new ArrayBuffer(4096, { maxByteLength: 8192 }))
  const outside = new Uint8Array(tracking.buffer, 2048, 1024)
  tracking.buffer.resize(pick([0, 1, 100, 2100, 8192]))
  const growing = new Uint8Array(new SharedArrayBuffer(64, { maxByteLength: 4096 }))
  growing.buffer.grow(4096)
  return [tracking, outside, growing, new Uint8Array(new SharedArrayBuffer(64)), detached(Uint8Array)]
}

/** An array whose second element's getter pulls the memory of the first from under the call. */
export function treacherous() {
  const victim = new Uint8Array(new ArrayBuffer(4096, { maxByteLength: 8192 }))
  const list = [victim]
  Object.defineProperty(list, 1, {
    get() {
      if (random(2)) victim.buffer.resize(pick([0, 16]))
      else if (!victim.buffer.detached) structuredClone(victim.buffer, { transfer: [victim.buffer] })
      return new Uint8Array(8)
    },
  })
  return list
}

const sparse = () => {
  const list = []
  list.length = 2 ** 32 - 1
  return list
}

export const numbers = [
  0,
  1,
  -1,
  2,
  3,
  16,
  64,
  1.5,
  4095,
  65535,
  65536,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
  2 ** 32,
  2 ** 53,
  1e300,
]
const plain = [
  undefined,
  null,
  true,
  'text',
  '',
  'x'.repeat(5000),
  'nul\0inside',
  '\ud800',
  Symbol('s'),
  10n,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  {},
  [],
  () => {},
  new Proxy([], {}),
  new Proxy({}, { get: () => new Uint8Array(1) }),
  throwing('host', 'port', 'level', 'type', 'data', 'length', '0'),
  throwing('0', 'length'),
  new DataView(new ArrayBuffer(8)),
  new Uint16Array(8),
  new Float64Array(8),
  new BigInt64Array(8),
  new Int32Array(0),
  new Int32Array(1),
  detached(Int32Array),
  new ArrayBuffer(8),
  Buffer.alloc(0),
  Buffer.alloc(16),
  [Buffer.alloc(1), 'x'],
  [null],
  [undefined],
  new Date(),
  /x/,
  globalThis,
  ...numbers,
]
export const odd = () => {
  switch (random(8)) {
    case 0:
      return pick(unsteady())
    case 1:
      return pick([sparse, treacherous])()
    default:
      return pick(plain)
  }
}
