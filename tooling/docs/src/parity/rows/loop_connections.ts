import { done, notApplicable, notYet, type Section } from '../row.js'

export const loopConnections: Section = {
  title: 'Event loop: network connections',
  rows: [
    done('A211', 'loop.create_connection', 'EventLoop.createConnection'),
    done('A212', 'create_connection(ssl)', 'EventLoop.createConnection({ ssl })'),
    done('A213', 'create_connection(family, proto, flags)', 'EventLoop.createConnection({ family, proto, flags })'),
    done('A214', 'create_connection(sock)', 'EventLoop.createConnection({ sock })'),
    done('A215', 'create_connection(local_addr)', 'EventLoop.createConnection({ localAddr })'),
    done('A216', 'create_connection(server_hostname)', 'EventLoop.createConnection({ serverHostname })'),
    done('A217', 'create_connection(ssl_handshake_timeout)', 'EventLoop.createConnection({ sslHandshakeTimeout })'),
    done('A218', 'create_connection(ssl_shutdown_timeout)', 'EventLoop.createConnection({ sslShutdownTimeout })'),
    done('A219', 'create_connection(happy_eyeballs_delay)', 'EventLoop.createConnection({ happyEyeballsDelay })', {
      note: '250 if left out',
    }),
    done('A220', 'create_connection(interleave)', 'EventLoop.createConnection({ interleave })'),
    done('A221', 'create_connection(all_errors)', 'EventLoop.createConnection({ allErrors })'),
    notYet('A222', 'loop.create_datagram_endpoint', 'EventLoop.createDatagramEndpoint', { feature: 'datagram' }),
    notYet('A223', 'create_datagram_endpoint(local_addr)', 'EventLoop.createDatagramEndpoint({ localAddr })', {
      feature: 'datagram',
    }),
    notYet('A224', 'create_datagram_endpoint(remote_addr)', 'EventLoop.createDatagramEndpoint({ remoteAddr })', {
      feature: 'datagram',
    }),
    notApplicable(
      'A225',
      'create_datagram_endpoint(reuse_address)',
      'Python took it out in 3.11, because it let another user take over the port',
    ),
    notYet('A226', 'create_datagram_endpoint(reuse_port)', 'EventLoop.createDatagramEndpoint({ reusePort })', {
      feature: 'datagram',
    }),
    notYet(
      'A227',
      'create_datagram_endpoint(allow_broadcast)',
      'EventLoop.createDatagramEndpoint({ allowBroadcast })',
      { feature: 'datagram' },
    ),
    notYet('A228', 'create_datagram_endpoint(sock)', 'EventLoop.createDatagramEndpoint({ sock })', {
      feature: 'datagram',
    }),
    done('A229', 'loop.create_unix_connection', 'EventLoop.createUnixConnection'),
    done('A230', 'loop.create_server', 'EventLoop.createServer'),
    done('A231', 'create_server(host)', 'EventLoop.createServer({ host })'),
    done('A232', 'create_server(port)', 'EventLoop.createServer({ port })'),
    done('A233', 'create_server(family)', 'EventLoop.createServer({ family })'),
    done('A234', 'create_server(flags)', 'EventLoop.createServer({ flags })'),
    done('A235', 'create_server(sock)', 'EventLoop.createServer({ sock })'),
    done('A236', 'create_server(backlog)', 'EventLoop.createServer({ backlog })'),
    done('A237', 'create_server(ssl)', 'EventLoop.createServer({ ssl })'),
    done('A238', 'create_server(reuse_address)', 'EventLoop.createServer({ reuseAddress })'),
    done('A239', 'create_server(reuse_port)', 'EventLoop.createServer({ reusePort })'),
    done('A240', 'create_server(keep_alive)', 'EventLoop.createServer({ keepAlive })'),
    done('A241', 'create_server(ssl_handshake_timeout)', 'EventLoop.createServer({ sslHandshakeTimeout })'),
    done('A242', 'create_server(ssl_shutdown_timeout)', 'EventLoop.createServer({ sslShutdownTimeout })'),
    done('A243', 'create_server(start_serving)', 'EventLoop.createServer({ startServing })'),
    done('A244', 'loop.create_unix_server', 'EventLoop.createUnixServer'),
    done('A245', 'loop.connect_accepted_socket', 'EventLoop.connectAcceptedSocket'),
    done('A246', 'loop.sendfile', 'EventLoop.sendfile'),
    done('A247', 'loop.start_tls', 'EventLoop.startTls'),
  ],
}
