import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import { PipeFile } from '../transports/pipe_file.js'
import { UnixReadPipeTransport } from '../transports/unix_read_pipe_transport.js'
import { UnixWritePipeTransport } from '../transports/unix_write_pipe_transport.js'
import type { ParentEnd } from './child_stdio.js'
import type { StdioTransport, SubprocessPipe } from './subprocess_pipe.js'
import { TerminalInputTransport } from './terminal_input_transport.js'

/** The transport of this program's end of a child's descriptor `fd`. */
export function openUnixPipe(
  loop: SocketEventLoop,
  protocol: SubprocessPipe,
  fd: number,
  end: ParentEnd,
): StdioTransport {
  const file = new PipeFile(loop, end.fd, end.fd, end.isTerminal ? 'other' : 'fifo')
  const Writing = end.isTerminal ? TerminalInputTransport : UnixWritePipeTransport
  return fd === 0 ? new Writing(loop, file, protocol) : new UnixReadPipeTransport(loop, file, protocol)
}
