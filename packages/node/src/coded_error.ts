/** Errors with the codes that Node's own have, by which programs tell them apart. */
export function codedError(code: string, message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code })
}

export function codedTypeError(code: string, message: string): NodeJS.ErrnoException {
  return Object.assign(new TypeError(message), { code })
}

export function codedRangeError(code: string, message: string): NodeJS.ErrnoException {
  return Object.assign(new RangeError(message), { code })
}
