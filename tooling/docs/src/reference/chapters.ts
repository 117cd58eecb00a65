/** The chapters of the reference, in their order, and the folders of `core/src` that each is made of. */
export const chapters: Readonly<Record<string, readonly string[]>> = {
  Running: ['runners'],
  Tasks: ['tasks'],
  Futures: ['futures'],
  Streams: ['streams'],
  Synchronisation: ['sync'],
  Queues: ['queues'],
  'Event loop': ['loop'],
  'Transports and protocols': ['transports'],
  TLS: ['tls'],
  'Sockets and names': ['sockets', 'dns'],
  'Selectors and proactors': ['selectors', 'proactor'],
  Datagrams: ['datagrams'],
  'Subprocesses and pipes': ['subprocess', 'pipes'],
  Signals: ['signals'],
  Threads: ['executors', 'threads'],
  'Context variables': ['context'],
  Introspection: ['introspection'],
  Errors: ['errors'],
  'Addresses and backends': ['backend'],
}

/** The chapter of something that is declared in this file of core's, or none. */
export function chapterOf(file: string): string | undefined {
  const folder = /(?:^|\/)core\/src\/([^/]+)\//.exec(file)?.[1]
  return Object.keys(chapters).find((chapter) => folder !== undefined && chapters[chapter]!.includes(folder))
}
