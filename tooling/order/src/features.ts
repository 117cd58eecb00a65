/** What the language can say and a reference may not do as CPython 3.13 does. */
export type Feature = 'eager' | 'uncancel' | 'waitFor' | 'asCompleted' | 'shutdown'

const since: { readonly [name in Feature]: readonly [number, number] } = {
  eager: [3, 12],
  waitFor: [3, 12],
  uncancel: [3, 13],
  asCompleted: [3, 13],
  shutdown: [3, 13],
}

/** What programs may use that are compared with that version of CPython. */
export function featuresOf(version: readonly number[]): ReadonlySet<Feature> {
  const names = Object.keys(since) as Feature[]
  return new Set(names.filter((name) => isSince(version, since[name])))
}

export function isSince(version: readonly number[], wanted: readonly [number, number]): boolean {
  const [major = 0, minor = 0] = version
  return major > wanted[0] || (major === wanted[0] && minor >= wanted[1])
}
