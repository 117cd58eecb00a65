import { constants } from 'node:os'
import { inspect } from 'node:util'

/** By number; where two names mean one signal (SIGIOT and SIGABRT), the one that the system lists first. */
const names = new Map<number, NodeJS.Signals>()
for (const [name, number] of Object.entries(constants.signals)) {
  if (!names.has(number)) names.set(number, name as NodeJS.Signals)
}

/** Linux has real-time signals above the classic ones, which have no names. */
const largest = process.platform === 'linux' ? 64 : Math.max(...names.keys())

/**
 * The number of a signal that was given by number or name (`'SIGTERM'`).
 * @throws TypeError for what is neither an integer nor a string, RangeError for a signal that this system does not have
 */
export function signalNumber(signal: unknown): number {
  if (typeof signal === 'string') {
    const number = constants.signals[signal as NodeJS.Signals]
    if (number !== undefined) return number
    throw new RangeError(`This system has no signal ${inspect(signal)}`)
  }
  if (typeof signal !== 'number' || !Number.isInteger(signal)) {
    throw new TypeError(`A signal is given by its name or its number, not by ${inspect(signal)}`)
  }
  if (signal >= 1 && signal <= largest) return signal
  throw new RangeError(`Signal number ${signal} is out of range: this system has 1 to ${largest}`)
}

/** The name of a signal's number; undefined for real-time signals, which have none. */
export function signalName(number: number): NodeJS.Signals | undefined {
  return names.get(number)
}
