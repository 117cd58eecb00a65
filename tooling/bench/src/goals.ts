import type { Table } from './table.js'
import { figure } from './table.js'

/** A bound that the project has set itself for one figure. */
export interface Goal {
  what: string
  bound: 'at least' | 'at most'
  wanted: number
  /** NaN when this run did not measure it. */
  measured: number
}

export function reached({ bound, wanted, measured }: Goal): boolean {
  return bound === 'at least' ? measured >= wanted : measured <= wanted
}

export function goalsTable(goals: readonly Goal[], caveat: string): Table {
  return {
    title: 'Goals',
    head: ['', 'wanted', 'measured', ''],
    rows: goals.map((goal) => [
      goal.what,
      `${goal.bound} ${figure(goal.wanted)}`,
      goal.measured,
      Number.isNaN(goal.measured) ? 'not measured' : reached(goal) ? 'reached' : 'missed',
    ]),
    note: caveat,
  }
}
