import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { chapterOf } from '../../src/reference/chapters.js'
import { entryPoints } from '../../src/reference/entry_points.js'

const points = entryPoints(fileURLToPath(new URL('../../../..', import.meta.url)))

it('every entry point of the published packages has its source', () => {
  const names = points.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['@loop/core', '@loop/core/testing', '@loop/epoll-linux']))
  expect(names.filter((name) => name.startsWith('@tooling') || name.includes('package.json'))).toEqual([])
  for (const { name, file } of points) expect(existsSync(file), `${name}: ${file}`).toBe(true)
})

it('the chapter is that of the folder', () => {
  expect(chapterOf('/somewhere/packages/core/src/tasks/sleep.ts')).toBe('Tasks')
  expect(chapterOf('/somewhere/packages/core/src/dns/getaddrinfo.ts')).toBe('Sockets and names')
  expect(chapterOf('/somewhere/packages/core/src/index.ts')).toBeUndefined()
  expect(chapterOf('/somewhere/packages/native/src/tasks/sleep.ts')).toBeUndefined()
})
