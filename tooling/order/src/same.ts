type Trace = readonly string[]
export type Same = (expected: Trace, actual: Trace) => boolean

export function isSame(expected: Trace, actual: Trace): boolean {
  return expected.join('\n') === actual.join('\n')
}

/**
 * Whether the traces are the same where CPython has not lost the message of a cancellation. A cancelled task hands its
 * message to whoever asks first and nobody else, and gather takes that of its last child, cancelled or not; ours keep it.
 */
export function isSameButForLostMessages(expected: Trace, actual: Trace): boolean {
  if (expected.length !== actual.length) return false
  return expected.every((line, index) => {
    const ours = actual[index]!.split(cancelled)
    const theirs = line.split(cancelled)
    return ours.length === theirs.length && theirs.every((part, at) => part === ours[at] || part === '()')
  })
}

/** Captures the message with its parentheses, so that splitting keeps it as a part of its own. */
const cancelled = /(?<=Cancelled)(\([^)]*\))/
