import { connect } from 'node:net'

/** Whether a process listens at the socket: one that was killed leaves the file behind. */
export function listens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(path)
    connection.once('connect', () => {
      connection.destroy()
      resolve(true)
    })
    // Anything else than a refusal, such as a full queue, is the answer of somebody who lives.
    connection.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT')
    })
  })
}
