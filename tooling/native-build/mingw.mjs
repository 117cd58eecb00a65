// The compiler for Windows on other systems: MinGW of Debian, in the variant whose C++ library has threads.
import { spawnSync } from 'node:child_process'

const compiler = 'x86_64-w64-mingw32-g++-posix'

export const mingw = {
  /** The folder of its prebuilds. */
  platform: 'win32-x64',
  /** For CMake. */
  configure: ['-DCMAKE_SYSTEM_NAME=Windows', '-DCMAKE_SYSTEM_PROCESSOR=x86_64', `-DCMAKE_CXX_COMPILER=${compiler}`],
}

/** Throws an error that says how to install it where it is missing. */
export function requireMingw() {
  if (spawnSync(compiler, ['--version'], { stdio: 'ignore' }).status === 0) return
  throw new Error(
    `The addon for Windows cannot be compiled here: \`${compiler}\` does not run. On Debian install it with:\n` +
      '  sudo apt-get install -y --no-install-recommends g++-mingw-w64-x86-64-posix',
  )
}
