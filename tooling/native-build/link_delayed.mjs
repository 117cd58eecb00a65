// node link_delayed.mjs ZIG c++ ARGUMENT...: links for Windows as that command would, but leaves the host's functions to be looked
// up when they are first called (delay_load.cc). The compiler passes no such wish on to its linker, so the linker's own command,
// which it tells, is given once more, with it.
import { spawnSync } from 'node:child_process'

const [zig, ...args] = process.argv.slice(2)

function must(command, environment = {}) {
  const { status, stderr } = spawnSync(zig, command, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, ...environment },
  })
  if (status === 0) return stderr
  console.error(stderr)
  process.exit(1)
}

const told = must(args, { ZIG_VERBOSE_LINK: '1' })
const command = told.split('\n').find((line) => line.startsWith('lld-link '))
if (command === undefined) throw new Error(`${zig} did not tell how it links`)
must([...command.trim().split(' '), '-DELAYLOAD:node.exe'])
