// The imports and exports of a 64-bit Windows library; "PE Format" of Microsoft's documentation.
const MACHINES = { 34404: 'x86_64', 43620: 'aarch64' }
const EXPORTS = 0
const IMPORTS = 1
const DELAYED_IMPORTS = 13

/** Where things are in the file: `at` an address that it has when it is loaded, the `text` there, the address of a `directory`. */
export function openPe(bytes) {
  const header = bytes.readUInt32LE(0x3c)
  if (bytes.toString('latin1', header, header + 4) !== 'PE\0\0') throw new Error('no Windows library')
  const optional = header + 24
  const directory = (index) => bytes.readUInt32LE(optional + 112 + index * 8)
  const sections = Array.from({ length: bytes.readUInt16LE(header + 6) }, (_, index) => {
    const at = optional + bytes.readUInt16LE(header + 20) + index * 40
    const [size, address, , offset] = [8, 12, 16, 20].map((field) => bytes.readUInt32LE(at + field))
    return { size, address, offset }
  })
  const at = (address) => {
    const section = sections.find((each) => address >= each.address && address < each.address + each.size)
    return address - section.address + section.offset
  }
  const text = (address) => bytes.toString('latin1', at(address), bytes.indexOf(0, at(address)))
  return { header, directory, at, text }
}

export function readPe(bytes) {
  const { header, directory, at, text } = openPe(bytes)
  /** The names of a table of DLLs, which ends with an empty entry. */
  const names = (index, entrySize, field) => {
    const found = []
    if (directory(index) === 0) return found
    for (let entry = at(directory(index)); bytes.readUInt32LE(entry + field) !== 0; entry += entrySize)
      found.push(text(bytes.readUInt32LE(entry + field)))
    return found
  }
  const definedSymbols = []
  if (directory(EXPORTS) !== 0) {
    const table = at(directory(EXPORTS))
    const list = at(bytes.readUInt32LE(table + 32))
    for (let index = 0; index < bytes.readUInt32LE(table + 24); index++)
      definedSymbols.push(text(bytes.readUInt32LE(list + index * 4)))
  }
  const imported = names(IMPORTS, 20, 12)
  return {
    processor: MACHINES[bytes.readUInt16LE(header + 4)] ?? `machine ${bytes.readUInt16LE(header + 4)}`,
    /** Those that are loaded with it, and those that it loads when it calls them. */
    imported,
    libraries: [...imported, ...names(DELAYED_IMPORTS, 32, 4)],
    definedSymbols,
    undefinedSymbols: [],
  }
}
