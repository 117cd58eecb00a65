// The addons: which package each belongs to, and the system it is for.
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export const addons = {
  'epoll-linux': { platform: 'linux' },
  'kqueue-darwin': { platform: 'darwin' },
  'proactor-win': { platform: 'win32' },
  'selector-win': { platform: 'win32' },
}

/** The addon of this platform, or undefined where there is none yet. */
export const own = Object.keys(addons).find((name) => addons[name].platform === process.platform)

const isMusl = process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime

/** The folder of this platform's prebuilds. */
export const platform = `${process.platform}-${process.arch}${isMusl ? '-musl' : ''}`
