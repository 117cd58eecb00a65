import { done, type Section } from '../row.js'

export const protocols: Section = {
  title: 'Protocols',
  rows: [
    done('A349', 'BaseProtocol', 'BaseProtocol'),
    done('A350', 'BaseProtocol.connection_made', 'BaseProtocol.connectionMade'),
    done('A351', 'BaseProtocol.connection_lost', 'BaseProtocol.connectionLost'),
    done('A352', 'BaseProtocol.pause_writing', 'BaseProtocol.pauseWriting'),
    done('A353', 'BaseProtocol.resume_writing', 'BaseProtocol.resumeWriting'),
    done('A354', 'Protocol', 'Protocol'),
    done('A355', 'Protocol.data_received', 'Protocol.dataReceived'),
    done('A356', 'Protocol.eof_received', 'Protocol.eofReceived'),
    done('A357', 'BufferedProtocol', 'BufferedProtocol'),
    done('A358', 'BufferedProtocol.get_buffer', 'BufferedProtocol.getBuffer'),
    done('A359', 'BufferedProtocol.buffer_updated', 'BufferedProtocol.bufferUpdated'),
    done('A360', 'BufferedProtocol.eof_received', 'BufferedProtocol.eofReceived'),
    done('A361', 'DatagramProtocol', 'DatagramProtocol'),
    done('A362', 'DatagramProtocol.datagram_received', 'DatagramProtocol.datagramReceived'),
    done('A363', 'DatagramProtocol.error_received', 'DatagramProtocol.errorReceived'),
    done('A364', 'SubprocessProtocol', 'SubprocessProtocol', { feature: 'subprocess' }),
    done('A365', 'SubprocessProtocol.pipe_data_received', 'SubprocessProtocol.pipeDataReceived', {
      feature: 'subprocess',
    }),
    done('A366', 'SubprocessProtocol.pipe_connection_lost', 'SubprocessProtocol.pipeConnectionLost', {
      feature: 'subprocess',
    }),
    done('A367', 'SubprocessProtocol.process_exited', 'SubprocessProtocol.processExited', { feature: 'subprocess' }),
  ],
}
