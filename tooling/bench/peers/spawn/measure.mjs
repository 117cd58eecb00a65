// What the Node programs share:  node PROGRAM MIB SECONDS WARMUP   prints a line of JSON
import { readFileSync } from 'node:fs'

const PAGE = 4096
const [mebibytes, seconds, warmup] = process.argv.slice(2).map(Number)

const resident = () => Number(readFileSync('/proc/self/statm', 'utf8').split(' ')[1]) * PAGE

/** Memory that is in use, so that the process is as large as was asked for. */
function ballast() {
  const missing = mebibytes * 2 ** 20 - resident()
  return missing > 0 ? Buffer.alloc(missing, 1) : null
}

const middle = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]

/**
 * Starts processes one after another, and looks meanwhile how long the loop stands still.
 * @param one starts a process and waits for its end
 * @param later the loop's own timer: calls a function after some milliseconds
 */
export async function measure(one, later) {
  const held = ballast()
  let last = performance.now()
  let pause = 0
  let ends = false
  const tick = () => {
    const now = performance.now()
    pause = Math.max(pause, now - last - 1)
    last = now
    if (!ends) later(1, tick)
  }
  later(1, tick)
  const durations = []
  const pauses = []
  const start = performance.now() + warmup * 1000
  for (let now = performance.now(); now < start + seconds * 1000; now = performance.now()) {
    pause = 0
    await one()
    // A pause is seen by the tick that comes after it.
    const end = performance.now()
    await new Promise((resolve) => later(2, resolve))
    if (now < start) continue
    durations.push(end - now)
    pauses.push(pause)
  }
  ends = true
  const result = {
    spawnMs: middle(durations),
    pauseMs: middle(pauses),
    longestMs: Math.max(...pauses),
    spawns: durations.length,
    residentMiB: resident() / 2 ** 20,
    held: held?.length ?? 0,
  }
  console.log(JSON.stringify(result))
}
