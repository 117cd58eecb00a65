// The load commands and the signature of a 64-bit Mach-O file; <mach-o/loader.h>, and cs_blobs.h of XNU.
import { createHash } from 'node:crypto'

const PROCESSORS = { 16777223: 'x86_64', 16777228: 'arm64' }
const LC_SYMTAB = 0x2
const LC_LOAD_DYLIB = 0xc
const LC_CODE_SIGNATURE = 0x1d
const LC_BUILD_VERSION = 0x32
const CODE_DIRECTORY = 0xfade0c02
const N_EXT = 0x01
const N_TYPE = 0x0e

export function readMachO(bytes) {
  if (bytes.readUInt32LE(0) !== 0xfeedfacf) throw new Error('no 64-bit Mach-O file')
  const processor = PROCESSORS[bytes.readUInt32LE(4)] ?? `CPU type ${bytes.readUInt32LE(4)}`
  const binary = { processor, libraries: [], definedSymbols: [], undefinedSymbols: [], problems: [], minimum: null }
  let signature = null
  let at = 32
  for (let left = bytes.readUInt32LE(16); left > 0; left--) {
    const command = bytes.readUInt32LE(at)
    if (command === LC_LOAD_DYLIB) binary.libraries.push(textAt(bytes, at + bytes.readUInt32LE(at + 8)))
    else if (command === LC_SYMTAB) readSymbols(bytes, at, binary)
    else if (command === LC_BUILD_VERSION) binary.minimum = versionOf(bytes.readUInt32LE(at + 12))
    else if (command === LC_CODE_SIGNATURE) signature = bytes.readUInt32LE(at + 8)
    at += bytes.readUInt32LE(at + 4)
  }
  if (signature !== null) {
    const { pages, problems } = checkSignature(bytes, signature)
    binary.pages = pages
    binary.problems.push(...problems)
  }
  // Apple's processors run nothing that is not signed, be it by nobody.
  if (signature === null && processor === 'arm64') binary.problems.push('it is not signed')
  return binary
}

const textAt = (bytes, start) => bytes.toString('latin1', start, bytes.indexOf(0, start))
const versionOf = (packed) => `${packed >>> 16}.${(packed >>> 8) & 255}`

function readSymbols(bytes, at, binary) {
  const [table, count, names] = [8, 12, 16].map((offset) => bytes.readUInt32LE(at + offset))
  for (let index = 0; index < count; index++) {
    const entry = table + index * 16
    const type = bytes[entry + 4]
    if ((type & N_EXT) === 0) continue
    const name = textAt(bytes, names + bytes.readUInt32LE(entry))
    ;((type & N_TYPE) === 0 ? binary.undefinedSymbols : binary.definedSymbols).push(name)
  }
}

/** Compares the hash of every page with the one in the code directory, as the kernel does when the page is first touched. */
function checkSignature(bytes, start) {
  const problems = []
  let directories = 0
  let pages = 0
  for (let index = 0; index < bytes.readUInt32BE(start + 8); index++) {
    const blob = start + bytes.readUInt32BE(start + 12 + index * 8 + 4)
    if (bytes.readUInt32BE(blob) !== CODE_DIRECTORY) continue
    directories++
    const [hashes, slots, limit] = [16, 28, 32].map((offset) => bytes.readUInt32BE(blob + offset))
    const size = bytes[blob + 36]
    const algorithm = { 1: 'sha1', 2: 'sha256' }[bytes[blob + 37]]
    const page = 1 << bytes[blob + 39]
    pages += slots
    for (let slot = 0; slot < slots; slot++) {
      const content = bytes.subarray(slot * page, Math.min((slot + 1) * page, limit))
      const wanted = bytes.subarray(blob + hashes + slot * size, blob + hashes + (slot + 1) * size)
      if (!createHash(algorithm).update(content).digest().subarray(0, size).equals(wanted))
        problems.push(`page ${slot} does not have the hash that its signature says`)
    }
  }
  if (directories === 0) problems.push('its signature has no code directory')
  return { pages, problems }
}
