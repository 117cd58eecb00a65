import { AbstractServer } from './abstract_server.js'

/**
 * What `createServer` and `startServer` give: listening sockets and the connections they accepted. Disposing it
 * (`await using`) closes it and waits until its connections are gone. Adds nothing to its contract, so that a loop of your
 * own can give a server of its own. asyncio: `Server`.
 */
export abstract class Server extends AbstractServer {}
