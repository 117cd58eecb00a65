import { ALL_CELLS, cellName } from '../cells.js'
import { CPU } from '../echo-tables.js'
import type { Samples } from '../samples.js'
import { standing } from '../standing.js'
import { figure } from '../table.js'
import { markdownTable } from './markdown.js'
import type { Recorded } from './recorded.js'

/** One of our styles and what it is compared with. */
interface EchoChapter {
  title: string
  about: string
  ours: string
  others: readonly string[]
}

const CHAPTERS: readonly EchoChapter[] = [
  {
    title: 'Echo over TCP, callback style',
    about:
      '`examples/echo-protocol.mjs` beside `node:net`, plain C over epoll, which is the floor, and uvloop. C has one buffer for\n' +
      'all messages; here, as in asyncio, each gets memory of its own.',
    ours: 'loop',
    others: ['node-net', 'c-epoll', 'uvloop'],
  },
  {
    title: 'Echo over TCP, callbacks with memory of their own',
    about:
      '`examples/echo-buffered.mjs`: the protocol says where the bytes go (`getBuffer`), so that no memory is made for a message.\n' +
      '`node:net` has no such way for accepted connections; uvloop has it (`uvloop-buffered`).',
    ours: 'loop-buffered',
    others: ['node-net', 'c-epoll', 'uvloop', 'uvloop-buffered'],
  },
  {
    title: 'Echo over TCP, streams',
    about:
      '`examples/echo-streams.mjs`, a task for each connection, beside `for await` over `node:net` sockets, `node:net` with\n' +
      "callbacks, and uvloop's streams.",
    ours: 'loop-streams',
    others: ['node-net-for-await', 'node-net', 'uvloop-streams'],
  },
]

function echoTable(samples: Samples, ours: string, others: readonly string[]): string {
  const cells = ALL_CELLS.filter((cell) => samples.cases().includes(cellName(cell)))
  const columns = [
    ...others.map((other) => ({ head: `rate / ${other}`, other, value: 'rate' })),
    ...others.map((other) => ({ head: `CPU / ${other}`, other, value: CPU })),
  ].map((column) => ({ ...column, overall: standing(samples, cells, ours, column.other, column.value) }))
  return markdownTable(
    ['connections x message', 'ours, requests/s', ...columns.map(({ head }) => head)],
    [
      ...cells
        .map(cellName)
        .map((cell) => [
          cell,
          samples.median(ours, cell, 'rate'),
          ...columns.map(({ other, value }) => samples.ratio(ours, other, cell, value)),
        ]),
      [
        '**10 connections and more**, geometric mean',
        '',
        ...columns.map(({ overall }) => `**${figure(overall.geomean)}**`),
      ],
      [
        'least and most of them',
        '',
        ...columns.map(({ overall }) => `${figure(overall.least)} to ${figure(overall.most)}`),
      ],
    ],
  )
}

/** A chapter for each style that was measured. */
export function echoChapters(recorded: Recorded): string[] {
  const { samples, provenance } = recorded
  return CHAPTERS.filter(({ ours }) => samples.peers().includes(ours)).map(({ title, about, ours, others }) =>
    [`## ${title}`, provenance, about, echoTable(samples, ours, recorded.peers(others))].join('\n\n'),
  )
}
