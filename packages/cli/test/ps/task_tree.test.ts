import type { TaskEntry } from '@loop/core'
import { describe, expect, it } from 'vitest'
import { deadlocks, type TaskNode, taskTree } from '../../src/ps/task_tree.js'

/** Tasks 1, 2, ... of which each is awaited by those given. */
const tasks = (...awaitedBy: number[][]): TaskEntry[] =>
  awaitedBy.map((waiters, index) => ({
    id: index + 1,
    name: `task ${index + 1}`,
    coroutine: 'f',
    state: 'waiting',
    cancelling: false,
    waitsFor: [],
    stack: [],
    createdAt: [],
    awaitedBy: waiters,
  }))

/** `1(2 3(4))`; a task that stands elsewhere too has a star. */
const text = (nodes: readonly TaskNode[]): string =>
  nodes
    .map((node) => {
      const below = node.waitsForTasks.length > 0 ? `(${text(node.waitsForTasks)})` : ''
      return `${node.id}${node.repeated ? '*' : ''}${below}`
    })
    .join(' ')

describe('taskTree', () => {
  it('has each task below the one that waits for it', () => {
    expect(text(taskTree(tasks([], [1], [1], [3])))).toBe('1(2 3(4))')
  })

  it('shows what a task waits for once, where several wait for that task', () => {
    expect(text(taskTree(tasks([], [], [1, 2], [3])))).toBe('1(3(4)) 2(3*)')
  })

  it('ends where tasks wait in a circle, and has those that nobody else waits for', () => {
    expect(text(taskTree(tasks([2], [1])))).toBe('1(2(1*))')
    expect(text(taskTree(tasks([], [1, 3], [2])))).toBe('1(2(3(2*)))')
  })

  it('takes a task whose waiter has ended meanwhile for one that nobody waits for', () => {
    expect(text(taskTree(tasks([99])))).toBe('1')
  })
})

describe('deadlocks', () => {
  const ids = (...awaitedBy: number[][]) =>
    deadlocks(tasks(...awaitedBy)).map((circle) => circle.map((task) => task.id))

  it('are the circles, each once', () => {
    expect(ids([], [1], [1])).toEqual([])
    expect(ids([2], [1])).toEqual([[1, 2]])
    expect(ids([1])).toEqual([[1]])
    expect(ids([], [1, 3], [2], [5], [4])).toEqual([
      [2, 3],
      [4, 5],
    ])
  })
})
