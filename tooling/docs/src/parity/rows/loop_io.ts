import { done, type Section } from '../row.js'

export const loopDescriptors: Section = {
  title: 'Event loop: watching descriptors',
  rows: [
    done('A248', 'loop.add_reader', 'EventLoop.addReader'),
    done('A249', 'loop.remove_reader', 'EventLoop.removeReader'),
    done('A250', 'loop.add_writer', 'EventLoop.addWriter'),
    done('A251', 'loop.remove_writer', 'EventLoop.removeWriter'),
    done('A252', 'refusal of descriptors that a transport owns', 'EventLoop.addReader'),
  ],
}

export const loopSockets: Section = {
  title: 'Event loop: raw sockets',
  rows: [
    done('A253', 'loop.sock_recv', 'EventLoop.sockRecv'),
    done('A254', 'loop.sock_recv_into', 'EventLoop.sockRecvInto'),
    done('A255', 'loop.sock_recvfrom', 'EventLoop.sockRecvfrom'),
    done('A256', 'loop.sock_recvfrom_into', 'EventLoop.sockRecvfromInto'),
    done('A257', 'loop.sock_sendall', 'EventLoop.sockSendall'),
    done('A258', 'loop.sock_sendto', 'EventLoop.sockSendto'),
    done('A259', 'loop.sock_connect', 'EventLoop.sockConnect'),
    done('A260', 'loop.sock_accept', 'EventLoop.sockAccept'),
    done('A261', 'loop.sock_sendfile', 'EventLoop.sockSendfile'),
    done('A262', 'check for blocking sockets', 'Socket.setBlocking', { note: 'a `Socket` is never blocking' }),
  ],
}

export const loopDns: Section = {
  title: 'Event loop: DNS',
  rows: [
    done('A263', 'loop.getaddrinfo', 'EventLoop.getaddrinfo'),
    done('A264', 'loop.getnameinfo', 'EventLoop.getnameinfo'),
  ],
}

export const loopPipes: Section = {
  title: 'Event loop: pipes',
  rows: [
    done('A265', 'loop.connect_read_pipe', 'EventLoop.connectReadPipe', { feature: 'pipes' }),
    done('A266', 'loop.connect_write_pipe', 'EventLoop.connectWritePipe', { feature: 'pipes' }),
    done('A267', 'ProactorEventLoop.create_pipe_connection', 'ProactorEventLoop.createPipeConnection'),
    done('A268', 'ProactorEventLoop.start_serving_pipe', 'ProactorEventLoop.startServingPipe'),
  ],
}

export const loopSignals: Section = {
  title: 'Event loop: signals',
  rows: [
    done('A269', 'loop.add_signal_handler', 'EventLoop.addSignalHandler', { feature: 'addSignalHandler' }),
    done('A270', 'loop.remove_signal_handler', 'EventLoop.removeSignalHandler', { feature: 'addSignalHandler' }),
  ],
}

export const loopSubprocess: Section = {
  title: 'Event loop: subprocesses',
  rows: [
    done('A283', 'loop.subprocess_exec', 'EventLoop.subprocessExec', { feature: 'subprocess' }),
    done('A284', 'loop.subprocess_shell', 'EventLoop.subprocessShell', { feature: 'subprocess' }),
    done('A285', 'subprocess_exec(stdin, stdout, stderr)', 'EventLoop.subprocessExec({ stdin, stdout, stderr })', {
      feature: 'subprocess',
    }),
    done(
      'A286',
      'subprocess_exec(executable, close_fds, cwd, env)',
      'EventLoop.subprocessExec({ executable, closeFds, cwd, env })',
      { feature: 'subprocess' },
    ),
    done(
      'A287',
      'subprocess_exec(pass_fds, start_new_session, ...)',
      'EventLoop.subprocessExec({ passFds, startNewSession, processGroup, user, group, extraGroups, umask })',
      { feature: 'subprocess' },
    ),
    done(
      'A288',
      'subprocess_exec(startupinfo, creationflags)',
      'EventLoop.subprocessExec({ windowsHide, creationFlags })',
      { feature: 'subprocess', note: 'handles are inherited by list without being asked for' },
    ),
  ],
}
