import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const { O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants

/** A named pipe in a folder of its own; `close` removes both. */
export class Fifo {
  readonly folder = mkdtempSync(join(tmpdir(), 'loop-fifo-'))
  readonly path = join(this.folder, 'fifo')

  constructor() {
    execFileSync('mkfifo', [this.path])
  }

  close(): void {
    rmSync(this.folder, { recursive: true })
  }
}

/** The two ends of a pipe, reading and writing, each with an open file description of its own. */
export function pipePair(): [number, number] {
  const fifo = new Fifo()
  try {
    // Open for both, so that neither of the others waits for its counterpart.
    const both = openSync(fifo.path, O_RDWR | O_NONBLOCK)
    const ends: [number, number] = [openSync(fifo.path, O_RDONLY), openSync(fifo.path, O_WRONLY)]
    closeSync(both)
    return ends
  } finally {
    fifo.close()
  }
}
