import { belongsHere, whatBelongsHere, whyNotCloneable } from './cloneable.js'

/**
 * Throws TypeError for arguments that are of use in their own thread only.
 * @param deep whether to look into them, which debug mode does
 */
export function mustNotBelongHere(args: readonly unknown[], deep: boolean): void {
  const judge = deep ? whatBelongsHere : belongsHere
  for (const [index, arg] of args.entries()) {
    const found = judge(arg, place(index))
    if (found !== null) throw refusal(found)
  }
}

/** The error for arguments that could not be copied: which of them, and why. */
export function cannotCross(
  args: readonly unknown[],
  transfer: readonly object[] | undefined,
  cause: unknown,
): TypeError {
  for (const [index, arg] of args.entries()) {
    const why = whyNotCloneable(arg, place(index), transfer)
    if (why !== null) return refusal(why, cause)
  }
  return refusal(`${(cause as Error).message} (transfer: ${transfer?.length ?? 0} objects)`, cause)
}

const place = (index: number) => `argument ${index + 1}`

function refusal(why: string, cause?: unknown): TypeError {
  return new TypeError(`This cannot cross to another thread: ${why}`, cause === undefined ? undefined : { cause })
}
