// Prints what happens to the files of a folder, by inotify(7):  node examples/watch-folder.mjs /tmp
//
// inotify gives a descriptor that can be read when something happened: a reader of the loop is all it takes.
import { closeSync, readSync } from 'node:fs'
import { getRunningLoop, run } from '@loop/core'
import { load } from '@loop/epoll-linux'

const { linux, constants } = load()
const { IN_CREATE, IN_CLOSE_WRITE, IN_DELETE, IN_MOVED_FROM, IN_MOVED_TO } = constants
const names = new Map(Object.entries({ IN_CREATE, IN_CLOSE_WRITE, IN_DELETE, IN_MOVED_FROM, IN_MOVED_TO }))

const folder = process.argv[2] ?? '.'
const fd = linux.inotifyInit()
if (
  linux.inotifyAddWatch(
    fd,
    folder,
    [...names.values()].reduce((all, one) => all | one),
  ) < 0
)
  throw new Error(`${folder} cannot be watched`)

const memory = Buffer.alloc(64 * 1024)

/** struct inotify_event: watch, mask, cookie, length of the name; the name, filled up with NULs. */
function happened() {
  const end = readSync(fd, memory)
  for (let at = 0; at < end; ) {
    const mask = memory.readUInt32LE(at + 4)
    const next = at + 16 + memory.readUInt32LE(at + 12)
    const name = memory.toString('utf8', at + 16, next).replace(/\0+$/, '')
    for (const [event, bit] of names) if (mask & bit) console.log(event, name)
    at = next
  }
}

await run(async () => {
  const loop = getRunningLoop()
  loop.addReader(fd, happened)
  console.log(`watching ${folder}`)
  const stop = loop.createFuture()
  for (const signal of ['SIGINT', 'SIGTERM']) loop.addSignalHandler(signal, () => stop.setResult())
  await stop
  loop.removeReader(fd)
  closeSync(fd)
})
