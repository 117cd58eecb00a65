import { bytesOf } from '../sockets/data.js'
import type { Data } from '../transports/transport.js'
import { UnixWritePipeTransport } from '../transports/unix_write_pipe_transport.js'

const endOfFile = Buffer.from([4])
const newline = 10

/**
 * What is typed into a child's terminal. Its end is a character: closing the descriptor would be none as long as the
 * terminal is open for reading. In the middle of a line the character only hands over what there is of it, so there it
 * takes two. A program that has turned the terminal to raw mode reads them as they are.
 */
export class TerminalInputTransport extends UnixWritePipeTransport {
  #midLine = false

  override write(data: Data): void {
    const bytes = bytesOf(data)
    if (bytes.length > 0) this.#midLine = bytes.at(-1) !== newline
    super.write(bytes)
  }

  override writelines(chunks: Iterable<Data>): void {
    const list = Array.from(chunks, bytesOf)
    const last = list.findLast((bytes) => bytes.length > 0)
    if (last !== undefined) this.#midLine = last.at(-1) !== newline
    super.writelines(list)
  }

  override close(): void {
    if (this._closing) return
    super.writelines(this.#midLine ? [endOfFile, endOfFile] : [endOfFile])
    super.close()
  }
}
