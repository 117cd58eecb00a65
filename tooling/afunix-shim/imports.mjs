// What a 64-bit Windows binary imports from other libraries, and the same binary with some of these by other names.
import { openPe } from '../native-build/pe.mjs'

const IMPORTS = 1
const DESCRIPTOR = 20
const BY_ORDINAL = 1n << 63n

/** The libraries that are loaded with the binary: their names, where these are in the file, and the functions of each. */
export function readImports(bytes) {
  const { at, directory, text } = openPe(bytes)
  const libraries = []
  for (let entry = at(directory(IMPORTS)); bytes.readUInt32LE(entry + 12) !== 0; entry += DESCRIPTOR) {
    const offset = at(bytes.readUInt32LE(entry + 12))
    const library = text(bytes.readUInt32LE(entry + 12))
    const functions = []
    for (let thunk = at(bytes.readUInt32LE(entry)); ; thunk += 8) {
      const value = bytes.readBigUInt64LE(thunk)
      if (value === 0n) break
      if (value & BY_ORDINAL) throw new Error(`A function of ${library} is imported by its number`)
      // Two bytes before the name are a hint.
      functions.push(text(Number(value) + 2))
    }
    libraries.push({ library, offset, functions })
  }
  return libraries
}

/** A copy of the binary that has `replacement` loaded wherever `replaced` (in lower case) has a library's name. */
export function withImportsFrom(bytes, replaced, replacement) {
  const copy = Buffer.from(bytes)
  const found = readImports(bytes).filter(({ library }) => replaced.includes(library.toLowerCase()))
  for (const { library, offset } of found) {
    if (replacement.length > library.length) throw new Error(`${replacement} is longer than ${library}`)
    // What is left of the longer name is filled with NULs.
    copy.fill(0, offset, offset + library.length)
    copy.write(replacement, offset, 'latin1')
  }
  return copy
}
