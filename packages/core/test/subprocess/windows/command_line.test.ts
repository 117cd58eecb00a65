import { describe, expect, it } from 'vitest'
import { commandLineOf, quoted } from '../../../src/subprocess/windows/command_line.js'

/**
 * How a program splits its command line, by Microsoft's "Parsing C command-line arguments": in front of a quotation mark two
 * backslashes are one, and an odd one makes the mark a character; otherwise backslashes are themselves. `doubled`: what two marks inside
 * quoted text are, in which CommandLineToArgvW (a mark, and the end of quoted text) and the C runtime since 2008 (a mark) differ.
 */
function split(line: string, doubled: 'ends' | 'goes on'): string[] {
  const args: string[] = []
  let at = 0
  // The first is up to the second mark, or up to a blank.
  if (line[0] === '"') {
    at = line.indexOf('"', 1)
    args.push(line.slice(1, at++))
  } else {
    while (at < line.length && !' \t'.includes(line[at]!)) at++
    args.push(line.slice(0, at))
  }
  for (;;) {
    while (at < line.length && ' \t'.includes(line[at]!)) at++
    if (at >= line.length) return args
    let argument = ''
    let isQuoted = false
    for (; at < line.length && (isQuoted || !' \t'.includes(line[at]!)); ) {
      let slashes = 0
      for (; line[at] === '\\'; at++) slashes++
      if (line[at] !== '"') {
        argument += '\\'.repeat(slashes)
        if (at < line.length && (isQuoted || !' \t'.includes(line[at]!))) argument += line[at++]
        continue
      }
      argument += '\\'.repeat(slashes >> 1)
      if (slashes % 2 === 1) {
        argument += '"'
        at++
      } else if (isQuoted && line[at + 1] === '"') {
        argument += '"'
        at += 2
        if (doubled === 'ends') isQuoted = false
      } else {
        isQuoted = !isQuoted
        at++
      }
    }
    args.push(argument)
  }
}

const nasty = [
  '',
  ' ',
  '\t',
  'a b',
  'a"b',
  '"',
  '""',
  '"""',
  '\\',
  '\\\\',
  'a\\',
  'a b\\',
  'a b\\\\',
  '\\"',
  'a\\"b',
  'a\\\\"b c',
  '" "\\" \\',
  '%PATH%',
  '!x!',
  '^&|<>()',
  '/c',
  'ü😀',
  '\ud800',
  'line\nbreak',
  "it's",
  '*',
  '?',
  '@file',
]

describe('commandLineOf', () => {
  it('writes plain arguments as they are', () => {
    expect(commandLineOf(['node.exe', '-e', '1', 'C:\\a\\b'])).toBe('node.exe -e 1 C:\\a\\b')
  })

  it('quotes what has blanks or marks in it, and what is empty', () => {
    expect(quoted('')).toBe('""')
    expect(quoted('a b')).toBe('"a b"')
    expect(quoted('a"b')).toBe('"a\\"b"')
    expect(quoted('a b\\')).toBe('"a b\\\\"')
    expect(quoted('a\\\\"b')).toBe('"a\\\\\\\\\\"b"')
    expect(quoted('a\\b c')).toBe('"a\\b c"')
  })

  it('writes the program by its own rules', () => {
    expect(commandLineOf(['C:\\Program Files\\x\\', 'a'])).toBe('"C:\\Program Files\\x\\" a')
    expect(commandLineOf([''])).toBe('""')
    expect(() => commandLineOf(['a"b'])).toThrow(RangeError)
  })

  for (const doubled of ['ends', 'goes on'] as const) {
    it(`is split into what was given, where two marks in quoted text are one and it ${doubled}`, () => {
      expect(split('p a\\\\\\"b "c d"', doubled)).toEqual(['p', 'a\\"b', 'c d'])
      for (const one of nasty) {
        for (const other of nasty) {
          const args = ['C:\\some where\\program.exe', one, other, 'end']
          expect(split(commandLineOf(args), doubled)).toEqual(args)
        }
      }
      const letters = ['a', ' ', '"', '\\', '\t', '\\"']
      let seed = 1
      const next = (limit: number) => {
        seed = (Math.imul(seed, 48271) + 11) & 0x7fff_ffff
        return (seed >> 8) % limit
      }
      for (let round = 0; round < 5000; round++) {
        const text = () => Array.from({ length: next(8) }, () => letters[next(letters.length)]!).join('')
        const args = ['p', ...Array.from({ length: 1 + next(3) }, text)]
        expect(split(commandLineOf(args), doubled)).toEqual(args)
      }
    })
  }
})
