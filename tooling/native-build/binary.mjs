// Looks into a built binary without a tool of its system: ELF's, Mach-O's and PE's own tables, as far as a loader reads them.
import { readFileSync } from 'node:fs'
import { readElf } from './elf.mjs'
import { readMachO } from './mach_o.mjs'
import { readPe } from './pe.mjs'

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
  Windows: [
    /^(kernel32|ws2_32|mswsock|ntdll|msvcrt|iphlpapi|advapi32|winmm)\.dll$/i,
    // The universal C library, which is part of Windows 10.
    /^api-ms-win-crt-[a-z]+-l1-1-0\.dll$/,
    /^node\.exe$/,
  ],
}

/** Symbols that the host gives. */
export const isHosts = (symbol) => /^_?(napi_|node_api_|uv_)/.test(symbol)

const READERS = { Linux: readElf, Darwin: readMachO, Windows: readPe }

/**
 * What is in `file`, and everything that would keep it from loading on the systems that `target` names.
 *
 * @returns {{ problems: string[], description: string }}
 */
export function inspectBinary(file, target) {
  const bytes = readFileSync(file)
  const binary = READERS[target.system](bytes)
  const problems = [...(binary.problems ?? [])]
  if (bytes.length > LARGEST) problems.push(`${bytes.length} bytes are more than ${LARGEST}`)
  if (binary.processor !== target.processor) problems.push(`it is for ${binary.processor}, not for ${target.processor}`)
  for (const library of binary.libraries) {
    if (!SYSTEM_LIBRARIES[target.system].some((pattern) => pattern.test(library))) problems.push(`it needs ${library}`)
  }
  const glibc = highestGlibc(binary.versions ?? [])
  if (glibc !== null && (glibc[0] > GLIBC[0] || (glibc[0] === GLIBC[0] && glibc[1] > GLIBC[1])))
    problems.push(`it needs glibc ${glibc.join('.')}; ${GLIBC.join('.')} is the oldest that is supported`)
  const fromHost = binary.undefinedSymbols.filter(isHosts)
  if (target.system === 'Windows') {
    if (binary.imported.includes('node.exe'))
      problems.push('it has node.exe loaded with it, and so is of no use to hosts of another name')
  } else if (fromHost.length === 0) problems.push('it asks its host for nothing, so it is no addon')
  if (!binary.definedSymbols.some((symbol) => /^_?napi_register_module_v1$/.test(symbol)))
    problems.push('it exports no napi_register_module_v1')
  const description = [
    binary.processor,
    `needs ${binary.libraries.join(', ')}`,
    ...(glibc === null ? [] : [`glibc ${glibc.join('.')}`]),
    ...(binary.minimum ? [`macOS ${binary.minimum}`] : []),
    ...(binary.pages === undefined ? [] : [`${binary.pages} signed pages`]),
    `${binary.undefinedSymbols.length} symbols asked for, ${fromHost.length} of them of the host`,
    `${binary.definedSymbols.length} given`,
  ]
  return { problems, description: description.join('; ') }
}

function highestGlibc(versions) {
  const found = versions.flatMap((version) => {
    const [, major, minor] = /^GLIBC_(\d+)\.(\d+)/.exec(version) ?? []
    return major === undefined ? [] : [[Number(major), Number(minor)]]
  })
  return found.sort((one, other) => other[0] - one[0] || other[1] - one[1])[0] ?? null
}
