import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ExceptionContext, gather, Socket, shield, sleep } from '../../src/index.js'
import { VirtualClockEventLoop } from '../../src/testing/index.js'
import { linesOf, places } from '../introspection/places.js'

const place = places(import.meta.url)
let loop: VirtualClockEventLoop
let reports: ExceptionContext[]

beforeEach(() => {
  loop = new VirtualClockEventLoop()
  loop.setDebug(true)
  reports = []
  loop.setExceptionHandler((_loop, context) => reports.push(context))
})

afterEach(() => loop.close())

interface Warned extends Error {
  code?: string
  detail?: string
}

/** The warnings with this code that `body` leads to; they come in a tick of the host. */
async function warnings(code: string, body: () => Promise<void>): Promise<Warned[]> {
  const seen: Warned[] = []
  const listen = (warning: Warned) => void (warning.code === code && seen.push(warning))
  process.on('warning', listen)
  await body()
  await new Promise((resolve) => setImmediate(resolve))
  process.off('warning', listen)
  return seen
}

async function collectGarbage(): Promise<void> {
  for (let i = 0; i < 5; i++) {
    ;(globalThis as { gc?: () => void }).gc?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const slowFor = (ms: number) => {
  const end = performance.now() + ms
  while (performance.now() < end);
}
const placesIn = (text: string | undefined) => linesOf((text ?? '').split('\n').map((line) => line.trim()))

describe('slow callbacks', () => {
  beforeEach(() => {
    loop.slowCallbackDuration = 10
  })

  it('[LEHA-10] are reported with the place that scheduled them', async () => {
    const seen = await warnings('LOOP_SLOW_CALLBACK', async () => {
      const dawdle = () => slowFor(15)
      loop.callSoon(dawdle) // [scheduled]
      await loop.runUntilComplete(() => sleep(0))
    })
    const slow = seen.find((warning) => warning.message.includes('dawdle'))!
    expect(placesIn(slow.detail)).toContain(place('scheduled'))
  })

  it('[LEHA-11] in a task with the place that created it and where it waits now', async () => {
    const seen = await warnings('LOOP_SLOW_CALLBACK', () =>
      loop.runUntilComplete(async () => {
        const body = async () => {
          slowFor(15)
          await sleep(5) // [waits now]
        }
        await loop.createTask(body, { name: 'heavy' }) // [created]
      }),
    )
    const heavy = seen.find((warning) => warning.message.includes("name='heavy'"))!
    expect(heavy.detail).toMatch(/^it waits now:/)
    expect(placesIn(heavy.detail)).toEqual(expect.arrayContaining([place('waits now'), place('created')]))
  })
})

describe('reports name the place where what failed was made', () => {
  it('a callback', async () => {
    const fail = () => {
      throw new Error('broken')
    }
    loop.callLater(1, fail) // [failing]
    await loop.runUntilComplete(() => sleep(5))
    expect(linesOf(reports[0]!.sourceTraceback!.map(String))).toContain(place('failing'))
  })

  it('[LEHA-06] a task whose error nobody looked at', async () => {
    await loop.runUntilComplete(async () => {
      const body = async () => {
        throw new Error('lost')
      }
      loop.createTask(body) // [lost]
      await sleep(1)
    })
    loop.close()
    expect(linesOf(reports[0]!.sourceTraceback!.map(String))[0]).toBe(place('lost'))
  })

  it('but not outside debug mode', async () => {
    loop.setDebug(false)
    loop.callSoon(() => {
      throw new Error('broken')
    })
    await loop.runUntilComplete(() => sleep(0))
    expect(reports[0]).not.toHaveProperty('sourceTraceback')
  })
})

describe('a forgotten await', () => {
  it('of gather and shield is reported when the future is collected', async () => {
    const seen = await warnings('LOOP_NEVER_AWAITED', () =>
      loop.runUntilComplete(async () => {
        ;(() => {
          gather([sleep(1), sleep(2)]) // [gather]
          shield(sleep(1)) // [shield]
        })()
        await sleep(5)
        await collectGarbage()
      }),
    )
    expect(seen.map((warning) => warning.message).sort()).toEqual([
      'The future of gather() was never awaited',
      'The future of shield() was never awaited',
    ])
    const where = seen.flatMap((warning) => placesIn(warning.detail))
    expect(where).toEqual(expect.arrayContaining([place('gather'), place('shield')]))
  })

  it('is none where somebody looked', async () => {
    const seen = await warnings('LOOP_NEVER_AWAITED', () =>
      loop.runUntilComplete(async () => {
        await (async () => {
          expect(await gather([sleep(1, 'a')])).toEqual(['a'])
          gather([sleep(1)]).addDoneCallback(() => {})
          await shield(sleep(1)).then(() => {})
          shield(sleep(1)).cancel()
          await Promise.all([gather([sleep(1)])])
        })()
        await sleep(5)
        await collectGarbage()
      }),
    )
    expect(seen).toEqual([])
  })
})

describe('resources that were forgotten', () => {
  it('a socket that is collected while open is named with the place where it was made', async () => {
    let fd = -1
    const seen = await warnings('LOOP_UNCLOSED', async () => {
      ;(() => {
        const forgotten = new Socket() // [socket]
        fd = forgotten.fileno()
        new Socket().close()
      })()
      await collectGarbage()
    })
    new Socket({ fileno: fd }).close()
    expect(seen.map((warning) => warning.message)).toEqual([
      `<Socket fd=${fd} family=2 type=1 proto=0> was collected without having been closed`,
    ])
    expect(placesIn(seen[0]!.detail)).toContain(place('socket'))
  })
})

describe('resources that were forgotten at the end of the process', () => {
  const core = new URL('../../dist/index.js', import.meta.url)
  const program = (body: string) =>
    promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', `import { newEventLoop, run } from ${JSON.stringify(core)}\n${body}`],
      { env: { ...process.env, LOOP_DEBUG: '1' } },
    )

  it('a loop that was never closed is named with the place where it was made', async () => {
    const { stderr } = await program('const loop = newEventLoop()\nawait loop.runUntilComplete(async () => {})')
    expect(stderr).toMatch(
      /^ResourceWarning: a (Selector|Proactor)EventLoop was never closed\ncreated:\n {4}at .*:2:14\n$/,
    )
  })

  it('but not one that was closed, nor one that runs when the program ends the process', async () => {
    const { stderr } = await program('await run(async () => {})\nawait run(async () => process.exit())')
    expect(stderr).toBe('')
  })
})

it('ends with the loop: what another makes afterwards is not noted', async () => {
  loop.close()
  const other = new VirtualClockEventLoop()
  other.setDebug(false)
  other.setExceptionHandler((_loop, context) => reports.push(context))
  await other.runUntilComplete(async () => {
    other.createTask(async () => {
      throw new Error('lost')
    })
    await sleep(1)
  })
  other.close()
  expect(reports.map((report) => [report.exception?.message, report.sourceTraceback])).toEqual([['lost', undefined]])
})
