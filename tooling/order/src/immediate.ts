import type { Immediate, Statement } from './ast.js'

const immediate: { readonly [Op in Immediate['op']]: true } = {
  trace: true,
  raise: true,
  reraise: true,
  spawn: true,
  let: true,
  cancel: true,
  cancelling: true,
  uncancel: true,
  inspect: true,
  tasks: true,
  future: true,
  set: true,
  fail: true,
  onDone: true,
  offDone: true,
  soon: true,
  later: true,
  at: true,
  groupSpawn: true,
  reschedule: true,
  scope: true,
  make: true,
  use: true,
  look: true,
}

/** Whether a statement waits for nothing, and so may stand in a callback. */
export function isImmediate(statement: Statement): statement is Immediate {
  return statement.op in immediate
}
