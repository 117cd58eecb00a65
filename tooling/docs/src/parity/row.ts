import type { Feature } from '@loop/core/capabilities'

export interface Row {
  /** `A001` ...: stable, in the order of asyncio's documentation. */
  readonly id: string
  /** What it is called in Python, an argument in parentheses: `run(debug)`. */
  readonly asyncio: string
  /** What stands for it here; see `reference.ts` for how a name is written. */
  readonly names: readonly string[]
  readonly state: 'done' | 'not applicable' | 'not yet'
  /** Why it is not applicable, or what a reader of asyncio's documentation would be surprised by. */
  readonly note: string
  /** What must be supported for the names to do what they say; the loop's methods exist before their feature does. */
  readonly feature: Feature | null
}

export interface Section {
  readonly title: string
  readonly rows: readonly Row[]
}

interface Remarks {
  readonly note?: string
  readonly feature?: Feature
}

function row(state: Row['state'], id: string, asyncio: string, list: string, { note, feature }: Remarks): Row {
  // Options stand in braces, with commas of their own.
  const names = list === '' ? [] : list.split(/, (?![^{]*\})/)
  return { id, asyncio, names, state, note: note ?? '', feature: feature ?? null }
}

/** @param names one name, or several with commas between them */
export function done(id: string, asyncio: string, names: string, remarks: Remarks = {}): Row {
  return row('done', id, asyncio, names, remarks)
}

/** @param where the command of another package that does what the functions do there; that package's tests look it up */
export function command(id: string, asyncio: string, where: string): Row {
  return row('done', id, asyncio, '', { note: where })
}

/** @param names what it will be called, if that is known; who adds it turns the row into `done` */
export function notYet(id: string, asyncio: string, names = '', remarks: Remarks = {}): Row {
  return row('not yet', id, asyncio, names, remarks)
}

export function notApplicable(id: string, asyncio: string, why: string): Row {
  return { id, asyncio, names: [], state: 'not applicable', note: why, feature: null }
}
