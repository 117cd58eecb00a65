import type { Awaitable, Block, Program, Statement } from './ast.js'
import { isImmediate } from './immediate.js'

/** Whether a program keeps to what the two sides can both say; the types alone do not tell all of it. */
export function isProgram(program: Program): boolean {
  return isBlock(program.main)
}

function isBlock(block: Block): boolean {
  return block.every((each, index) => isStatement(each) && (!isEager(each) || block[index + 1]?.op === 'sleep'))
}

function isEager(statement: Statement): boolean {
  return statement.op === 'spawn' && statement.eager === true
}

function isStatement(statement: Statement): boolean {
  switch (statement.op) {
    case 'soon':
    case 'later':
    case 'at':
    case 'onDone':
      return (statement.body ?? []).every((each: Statement) => isImmediate(each) && isStatement(each))
    case 'spawn':
      return isBody(statement)
    case 'await':
    case 'let':
      return isPart(statement.of)
    case 'waitFor':
      return isAwaitable(statement.of)
    case 'wait':
    case 'asCompleted':
      // Python's wait refuses functions, and the order in which it would start several is that of a set.
      return statement.of.every((each) => each.is !== 'fn' && each.is !== 'sleep' && isPart(each))
    case 'try':
      return [statement.body, ...(statement.except ?? []).map((each) => each.body), statement.finally ?? []].every(
        isBlock,
      )
    case 'if':
      return isBlock(statement.then) && isBlock(statement.else ?? [])
    default:
      return 'body' in statement ? isBlock(statement.body) : true
  }
}

function isAwaitable(awaitable: Awaitable): boolean {
  switch (awaitable.is) {
    case 'spawn':
    case 'fn':
      return isBody(awaitable)
    case 'shield':
      return isPart(awaitable.of)
    case 'gather':
      return awaitable.of.every(isPart)
    default:
      return true
  }
}

/** A wait in a primitive has no task of its own: one that the library made would have a name that it chose. */
function isPart(awaitable: Awaitable): boolean {
  return awaitable.is !== 'use' && isAwaitable(awaitable)
}

/** An eager task sleeps first, and so does who made it: see `Blocks.#spawnEager`. */
function isBody(task: { body: Block; eager?: boolean }): boolean {
  return isBlock(task.body) && (task.eager !== true || task.body[0]?.op === 'sleep')
}
