import { done, type Section } from '../row.js'

export const server: Section = {
  title: 'Servers',
  rows: [
    done('A296', 'AbstractServer', 'AbstractServer'),
    done('A297', 'Server', 'Server, Server[Symbol.asyncDispose]'),
    done('A298', 'Server.close', 'Server.close'),
    done('A299', 'Server.close_clients', 'Server.closeClients'),
    done('A300', 'Server.abort_clients', 'Server.abortClients'),
    done('A301', 'Server.get_loop', 'Server.getLoop'),
    done('A302', 'Server.start_serving', 'Server.startServing'),
    done('A303', 'Server.serve_forever', 'Server.serveForever'),
    done('A304', 'Server.is_serving', 'Server.isServing'),
    done('A305', 'Server.wait_closed', 'Server.waitClosed'),
    done('A306', 'Server.sockets', 'Server.sockets'),
  ],
}
