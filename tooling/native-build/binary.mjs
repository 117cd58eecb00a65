// Looks into a built binary without a tool of its system: ELF's and Mach-O's own tables, as far as a loader reads them.
import { readFileSync } from 'node:fs'
import { readElf } from './elf.mjs'
import { readMachO } from './mach_o.mjs'

/** The highest version of glibc that may be asked for, and the size in bytes that a binary may have. */
const GLIBC = [2, 28]
const LARGEST = 1024 * 1024

/** What a system library is called where it belongs to the system itself. */
const SYSTEM_LIBRARIES = {
  Linux: [
    /^libc\.so/,
    /^libm\.so/,
    /^libpthread\.so/,
    /^libdl\.so/,
    /^librt\.so/,
    /^ld-linux/,
    /^libc\.musl/,
    /^libutil\.so/,
  ],
  Darwin: [/^\/usr\/lib\/libSystem\.B\.dylib$/],
}

/** Symbols that the host gives. */
export const isHosts = (symbol) => /^_?(napi_|node_api_|uv_)/.test(symbol)

/** Everything that would keep `file` from loading on the systems that `target` names; nothing when it is well. */
export function inspectBinary(file, target) {
  const bytes = readFileSync(file)
  const problems = []
  if (bytes.length > LARGEST) problems.push(`${bytes.length} bytes are more than ${LARGEST}`)
  const binary = target.system === 'Linux' ? readElf(bytes) : readMachO(bytes)
  if (binary.processor !== target.processor) problems.push(`it is for ${binary.processor}, not for ${target.processor}`)
  for (const library of binary.libraries) {
    if (!SYSTEM_LIBRARIES[target.system].some((pattern) => pattern.test(library))) problems.push(`it needs ${library}`)
  }
  for (const version of binary.versions ?? []) {
    const [, major, minor] = /^GLIBC_(\d+)\.(\d+)/.exec(version) ?? []
    if (major !== undefined && (Number(major) > GLIBC[0] || (Number(major) === GLIBC[0] && Number(minor) > GLIBC[1])))
      problems.push(`it needs ${version}; ${GLIBC.join('.')} is the oldest that is supported`)
  }
  const fromHost = binary.undefinedSymbols.filter(isHosts)
  if (fromHost.length === 0) problems.push('it asks its host for nothing, so it is no addon')
  if (!binary.definedSymbols.some((symbol) => /^_?napi_register_module_v1$/.test(symbol)))
    problems.push('it exports no napi_register_module_v1')
  problems.push(...(binary.problems ?? []))
  return problems
}
