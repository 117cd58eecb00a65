export interface Turn<C, P> {
  round: number
  case: C
  peer: P
  /** Of how many turns this is which, from 1: for the reader who waits. */
  index: number
  total: number
}

/**
 * The order of measurement. A machine drifts over minutes, so the peers of one case follow each other at
 * once and are compared within that round; and who goes first changes from case to case and from round to
 * round, so that nobody always meets the caches and the clock that the same other has left.
 */
export function* interleave<C, P>(rounds: number, cases: readonly C[], peers: readonly P[]): Generator<Turn<C, P>> {
  const total = rounds * cases.length * peers.length
  let index = 0
  for (let round = 1; round <= rounds; round++) {
    for (const [position, kind] of cases.entries()) {
      for (let i = 0; i < peers.length; i++) {
        index += 1
        yield { round, case: kind, peer: peers[(i + round + position) % peers.length]!, index, total }
      }
    }
  }
}
