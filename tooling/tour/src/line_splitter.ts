/** Cuts a stream of chunks into lines. Both servers of the comparison use it, so they differ in their transports alone. */
export class LineSplitter {
  #rest: Buffer | null = null

  /** The complete lines of `chunk` and of what was left before, each with its newline. */
  push(chunk: Buffer): Buffer[] {
    let data = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk])
    const lines: Buffer[] = []
    for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10)) {
      lines.push(data.subarray(0, end + 1))
      data = data.subarray(end + 1)
    }
    this.#rest = data.length > 0 ? data : null
    return lines
  }
}

/** What a server answers to a line: its bytes in the reverse order, so that a mere echo would be found out. */
export function answer(line: Buffer): Buffer {
  const reply = Buffer.allocUnsafe(line.length)
  const last = line.length - 1
  for (let i = 0; i < last; i++) reply[i] = line[last - 1 - i] as number
  reply[last] = 10
  return reply
}
