const forWindows = ['proactor-win', 'selector-win']

// What is published: a binary for each of these, named as the loaders look for them.
export const targets = {
  'linux-x64': { addon: 'epoll-linux', triple: 'x86_64-linux-gnu.2.28', system: 'Linux', processor: 'x86_64' },
  'linux-arm64': { addon: 'epoll-linux', triple: 'aarch64-linux-gnu.2.28', system: 'Linux', processor: 'aarch64' },
  'linux-x64-musl': { addon: 'epoll-linux', triple: 'x86_64-linux-musl', system: 'Linux', processor: 'x86_64' },
  'linux-arm64-musl': { addon: 'epoll-linux', triple: 'aarch64-linux-musl', system: 'Linux', processor: 'aarch64' },
  'darwin-x64': { addon: 'kqueue-darwin', triple: 'x86_64-macos.10.15', system: 'Darwin', processor: 'x86_64' },
  'darwin-arm64': { addon: 'kqueue-darwin', triple: 'aarch64-macos.11.0', system: 'Darwin', processor: 'arm64' },
  // Built by MinGW, as for the tests under Wine: the addons of one system, each in a package of its own.
  'win32-x64': { addons: forWindows, system: 'Windows', processor: 'x86_64' },
  // MinGW's compiler for this processor is in no package of Debian's.
  'win32-arm64': { addons: forWindows, triple: 'aarch64-windows-gnu', system: 'Windows', processor: 'aarch64' },
}

/** The packages that carry a binary for the target `name`. */
export const addonsOf = (name) => targets[name].addons ?? [targets[name].addon]
