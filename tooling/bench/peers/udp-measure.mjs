// What the peers of the udp suite that run in Node share: how datagrams look, and how a window is measured.
//   PROGRAM send PORT SIZES SECONDS WARMUP     PROGRAM receive SECONDS WARMUP
import process from 'node:process'

const [mode, ...args] = process.argv.slice(2)
const [port, sizes, seconds, warmup] = mode === 'send' ? args : [undefined, undefined, ...args]

/** Datagrams of every size that is asked for; the sink knows their bytes. */
function payloads() {
  const [least, most = least] = sizes.split('-').map(Number)
  const bytes = Buffer.alloc(most)
  for (let at = 0; at < most; at++) bytes[at] = at * 7 + 3
  return Array.from({ length: most - least + 1 }, (_, index) => bytes.subarray(0, least + index))
}

/** How many a sender may have under way, or sends before it lets the loop have its turn. */
export const BURST = 64

export const task = mode === 'send' ? { mode, port: Number(port), payloads: payloads() } : { mode }

const window = { total: 0, before: 0, start: 0, cpu: null }

/** Counts `count` more; true once the measured time is over. */
export function counted(count) {
  const now = performance.now()
  window.total += count
  if (window.start === 0) window.start = now + warmup * 1000
  if (window.cpu === null) {
    if (now < window.start) return false
    window.start = now
    window.before = window.total
    window.cpu = process.cpuUsage()
  }
  return now >= window.start + seconds * 1000
}

export function report() {
  const { user, system } = process.cpuUsage(window.cpu)
  const measured = {
    datagrams: window.total - window.before,
    total: window.total,
    seconds: (performance.now() - window.start) / 1000,
    cpuSeconds: (user + system) / 1e6,
  }
  console.log(JSON.stringify(measured))
}
