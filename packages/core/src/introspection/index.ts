/**
 * What the command `loop` needs of processes that it looks into, for tools.
 *
 * @packageDocumentation
 */
export { parseSocketName, type SocketOwner, socketFolders, socketName, whyUnsafe } from './socket_folder.js'
export { listens } from './socket_probe.js'
export type { LoopEntry, TaskEntry, TaskTable } from './task_table.js'
