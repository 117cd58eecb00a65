/** One name per row of the platform table, docs/platforms.md. */
export const features = [
  'addReader',
  'addReader.pipe',
  'addReader.characterDevice',
  'fileReadiness',
  'sockets',
  'unixSockets',
  'unixDatagrams',
  'abstractUnixSockets',
  'seqpacket',
  'ancillaryData',
  'passDescriptors',
  'peerCredentials',
  'vsock',
  'packetSockets',
  'reusePort',
  'datagram',
  'packetInfo',
  'pipes',
  'namedPipes',
  'subprocess',
  'addSignalHandler',
  'sendfile',
  'tls',
  'manyDescriptors',
  'fineTimers',
] as const

/** One of the features that `loop.supports` knows. */
export type Feature = (typeof features)[number]
