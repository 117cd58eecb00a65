/** `@loop/node`: connections of `@loop/core` for everything that takes a socket or a stream of Node's, and the other way. */
export { type Connected, connect, createConnection } from './connect.js'
export type { ConnectOptions } from './connect_options.js'
export { fromDuplex } from './from_duplex.js'
export { LoopSocket, type LoopSocketOptions } from './loop_socket.js'
export { type ServeHttpOptions, serveHttp } from './serve_http.js'
export type { Connection } from './taken.js'
export { toDuplex } from './to_duplex.js'
export { toWeb, type WebStreams } from './to_web.js'
