import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** The heap and what it holds outside, after a collection. */
export function settledMemory(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return heapUsed + Math.max(external, arrayBuffers)
}
