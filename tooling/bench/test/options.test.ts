import { expect, it } from 'vitest'
import { ALL_CELLS, cellName, parseCells } from '../src/cells.js'
import { parseCpuList } from '../src/machine.js'
import { parseOptions, SUITES } from '../src/options.js'
import { reportFile } from '../src/report.js'

it('measures everything in three rounds unless told otherwise', () => {
  const options = parseOptions([])!
  expect(options).toMatchObject({ suites: SUITES, cells: ALL_CELLS, rounds: 3, peers: null, connections: 10_000 })
  expect(ALL_CELLS).toHaveLength(12)
})

it('takes one cell of one suite', () => {
  const argv = ['--', 'echo', '--cells', '100x64,10x16k', '--peers', 'loop, node-net', '--seconds', '1.5']
  expect(parseOptions(argv)).toMatchObject({
    suites: ['echo'],
    cells: [
      { connections: 100, size: 64 },
      { connections: 10, size: 16_384 },
    ],
    peers: ['loop', 'node-net'],
    seconds: 1.5,
  })
})

it.each([
  ['--rounds', '0'],
  ['--seconds', 'long'],
  ['--cells', '100 x 64 B'],
  ['--styles', 'callbacks'],
  ['throughput'],
])('refuses %s %s with a RangeError', (...argv) => {
  expect(() => parseOptions(argv.filter((word) => word !== undefined))).toThrow(RangeError)
})

it('refuses an option it does not know', () => {
  expect(() => parseOptions(['--speed'])).toThrow(
    expect.objectContaining({ code: expect.stringMatching('PARSE_ARGS') }),
  )
})

it('puts the reports of all suites beside the one of echo', () => {
  const options = parseOptions(['--json', '/elsewhere/echo.json'])!
  expect(reportFile(options, 'echo')).toBe('/elsewhere/echo.json')
  expect(reportFile(options, 'idle')).toBe('/elsewhere/bench-idle.json')
})

it('names cells as people write them, and reads the list of cores', () => {
  expect(parseCells('1x64,1000x1k').map(cellName)).toEqual(['1 x 64 B', '1000 x 1 KiB'])
  expect(parseCpuList('0-2,5')).toEqual([0, 1, 2, 5])
})
