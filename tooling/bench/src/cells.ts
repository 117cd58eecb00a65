/** One kind of traffic: how many connections, each with one message of `size` bytes under way. */
export interface Cell {
  connections: number
  size: number
}

const CONNECTIONS = [1, 10, 100, 1000]
const SIZES = [64, 1024, 16_384]

export const ALL_CELLS: readonly Cell[] = CONNECTIONS.flatMap((connections) =>
  SIZES.map((size) => ({ connections, size })),
)

/** One of each size and, but for one connection, one of each number: enough to see that everything works. */
export const QUICK_CELLS: readonly Cell[] = [
  { connections: 10, size: 16_384 },
  { connections: 100, size: 64 },
  { connections: 1000, size: 1024 },
]

export function cellName({ connections, size }: Cell): string {
  return `${connections} x ${size < 1024 ? `${size} B` : `${size / 1024} KiB`}`
}

/** With one connection every server waits for the wake-up of the other core, so such cells count in no mean. */
export function countsInMean(cell: Cell): boolean {
  return cell.connections >= 10
}

/** `100x64,10x16k` -> cells; sizes in bytes, or in KiB with a `k`. */
export function parseCells(list: string): Cell[] {
  return list.split(',').map((text) => {
    const match = /^(\d+)x(\d+)(k?)$/i.exec(text.trim())
    const [connections, size] = [Number(match?.[1]), Number(match?.[2]) * (match?.[3] ? 1024 : 1)]
    if (!match || connections < 1 || size < 1) {
      throw new RangeError(`'${text}' is no cell: write CONNECTIONSxBYTES, such as 100x64 or 10x16k`)
    }
    return { connections, size }
  })
}
