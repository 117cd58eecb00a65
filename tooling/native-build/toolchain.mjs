// What it takes to compile the addon, and what to type when something of it is missing.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

const answers = (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0

/** The folder that holds `uv.h`: Node's own headers beside its binary, a system-wide copy of them, or libuv's package. */
export function uvInclude() {
  const places = [
    join(dirname(process.execPath), '../include/node'),
    '/usr/include/node',
    '/usr/local/include/node',
    '/usr/include',
  ]
  return places.find((place) => existsSync(join(place, 'uv.h')))
}

const INSTALL = [
  ['/etc/debian_version', 'sudo apt-get install -y g++ make cmake libuv1-dev'],
  ['/etc/fedora-release', 'sudo dnf install -y gcc-c++ make cmake libuv-devel'],
  ['/etc/alpine-release', 'apk add g++ make cmake linux-headers libuv-dev'],
  ['/etc/arch-release', 'sudo pacman -S --needed gcc make cmake libuv'],
]

/** Throws an error that names everything that is missing at once, with the command that installs it. */
export function requireToolchain() {
  const missing = []
  const compiler = process.env.CXX ?? 'g++'
  if (![compiler, 'c++', 'clang++'].some(answers)) missing.push(`a C++17 compiler (\`${compiler}\` does not run)`)
  if (!answers('cmake')) missing.push('cmake 3.20 or newer (`cmake` does not run)')
  if (!['make', 'gmake', 'ninja'].some(answers)) missing.push('make or ninja (neither runs)')
  if (uvInclude() === undefined)
    missing.push('uv.h (neither beside this Node, in <prefix>/include/node, nor in /usr/include)')
  if (missing.length === 0) return
  const command = INSTALL.find(([mark]) => existsSync(mark))?.[1]
  throw new Error(
    [
      'The native addon cannot be compiled here. Missing:',
      ...missing.map((what) => `  - ${what}`),
      command
        ? `Install it with:\n  ${command}`
        : 'Install a C++ compiler, make, cmake and the headers of libuv 1.x with your package manager.',
      'Then run the same command again.',
    ].join('\n'),
  )
}
