// The dynamic section of a 64-bit little-endian ELF file; elf(5).
const MACHINES = { 62: 'x86_64', 183: 'aarch64' }
const SHT_DYNAMIC = 6
const SHT_DYNSYM = 11
const SHT_GNU_VERNEED = 0x6ffffffe
const DT_NEEDED = 1

export function readElf(bytes) {
  if (bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1) throw new Error('no 64-bit ELF file')
  const sections = sectionsOf(bytes)
  const text = (table, offset) => {
    const start = table.offset + offset
    return bytes.toString('latin1', start, bytes.indexOf(0, start))
  }
  const libraries = []
  const versions = new Set()
  const definedSymbols = []
  const undefinedSymbols = []
  for (const section of sections) {
    const names = sections[section.link]
    if (section.type === SHT_DYNAMIC) {
      for (let at = section.offset; at < section.offset + section.size; at += 16)
        if (bytes.readBigInt64LE(at) === BigInt(DT_NEEDED))
          libraries.push(text(names, Number(bytes.readBigUInt64LE(at + 8))))
    } else if (section.type === SHT_DYNSYM) {
      for (let at = section.offset + 24; at < section.offset + section.size; at += 24) {
        const name = text(names, bytes.readUInt32LE(at))
        ;(bytes.readUInt16LE(at + 6) === 0 ? undefinedSymbols : definedSymbols).push(name)
      }
    } else if (section.type === SHT_GNU_VERNEED) {
      for (const name of neededVersions(bytes, section.offset)) versions.add(text(names, name))
    }
  }
  const processor = MACHINES[bytes.readUInt16LE(18)] ?? `machine ${bytes.readUInt16LE(18)}`
  return { processor, libraries, versions: [...versions], definedSymbols, undefinedSymbols }
}

function sectionsOf(bytes) {
  const start = Number(bytes.readBigUInt64LE(40))
  const size = bytes.readUInt16LE(58)
  return Array.from({ length: bytes.readUInt16LE(60) }, (_, index) => {
    const at = start + index * size
    return {
      type: bytes.readUInt32LE(at + 4),
      offset: Number(bytes.readBigUInt64LE(at + 24)),
      size: Number(bytes.readBigUInt64LE(at + 32)),
      link: bytes.readUInt32LE(at + 40),
    }
  })
}

/** Verneed records, each with a chain of Vernaux; offsets of the versions' names. */
function* neededVersions(bytes, start) {
  for (let at = start; ; ) {
    let entry = at + bytes.readUInt32LE(at + 8)
    for (let left = bytes.readUInt16LE(at + 2); left > 0; left--) {
      yield bytes.readUInt32LE(entry + 8)
      entry += bytes.readUInt32LE(entry + 12)
    }
    const next = bytes.readUInt32LE(at + 12)
    if (next === 0) return
    at += next
  }
}
