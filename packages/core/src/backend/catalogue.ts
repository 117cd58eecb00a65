/** Which package gives which mechanism on which platform; the first of a platform is its default. */
export interface CatalogueEntry {
  /** As in `LOOP_BACKEND`. */
  readonly name: string
  readonly package: string
  /** Whether it tells readiness or completions. */
  readonly kind: 'selector' | 'proactor'
}

const catalogue: Readonly<Record<string, readonly CatalogueEntry[]>> = {
  linux: [
    { name: 'epoll', package: '@loop/epoll-linux', kind: 'selector' },
    { name: 'poll', package: '@loop/epoll-linux', kind: 'selector' },
    { name: 'select', package: '@loop/epoll-linux', kind: 'selector' },
  ],
  darwin: [
    { name: 'kqueue', package: '@loop/kqueue-darwin', kind: 'selector' },
    { name: 'poll', package: '@loop/kqueue-darwin', kind: 'selector' },
    { name: 'select', package: '@loop/kqueue-darwin', kind: 'selector' },
  ],
  win32: [
    { name: 'iocp', package: '@loop/proactor-win', kind: 'proactor' },
    { name: 'afd', package: '@loop/selector-win', kind: 'selector' },
    { name: 'select', package: '@loop/selector-win', kind: 'selector' },
  ],
}

/** Names that mean something but that no version gives yet. */
export const plannedNames: readonly string[] = ['uring']

/** What exists for `platform` (a value of `process.platform`). */
export function entriesOf(platform: string): readonly CatalogueEntry[] {
  return catalogue[platform] ?? []
}

/** Every mechanism's name on any platform. */
export function everyName(): string[] {
  return [...new Set(Object.values(catalogue).flatMap((entries) => entries.map((entry) => entry.name)))]
}

/** The packages of `platform`, or of every other one. */
export function packagesOf(platform: string): string[] {
  return [...new Set(entriesOf(platform).map((entry) => entry.package))]
}

export function packagesOfOthers(platform: string): string[] {
  return Object.keys(catalogue)
    .filter((other) => other !== platform)
    .flatMap((other) => packagesOf(other))
}

/** The platforms that have a mechanism of this name. */
export function platformsWith(name: string): string[] {
  return Object.keys(catalogue).filter((platform) => entriesOf(platform).some((entry) => entry.name === name))
}
