import { describe, expect, it } from 'vitest'
import {
  batchCommandLine,
  isBatchFile,
  shellCommandLine,
  shellOf,
} from '../../../src/subprocess/windows/command_interpreter.js'

describe('the shell', () => {
  it('is what COMSPEC names, or that of the system', () => {
    expect(shellOf({ COMSPEC: 'C:\\x\\cmd.exe' })).toBe('C:\\x\\cmd.exe')
    expect(shellOf({ SystemRoot: 'D:\\win' })).toBe('D:\\win\\System32\\cmd.exe')
  })

  it('gets a command line as it is', () => {
    expect(shellCommandLine('C:\\a b\\CMD.EXE', 'echo "a" & echo b')).toBe(
      '"C:\\a b\\CMD.EXE" /d /s /c "echo "a" & echo b"',
    )
  })

  it('gets it as an argument if it is another', () => {
    expect(shellCommandLine('C:\\git\\sh.exe', 'echo "a"')).toBe('C:\\git\\sh.exe -c "echo \\"a\\""')
  })
})

describe('batch files', () => {
  it('are known by their name, and by what Windows takes for it', () => {
    for (const file of ['a.bat', 'a.CMD', 'C:\\x y\\z.Bat', 'a.bat.', 'a.cmd. . ']) expect(isBatchFile(file)).toBe(true)
    for (const file of ['a.exe', 'bat', 'a.bat.exe', 'a.batx']) expect(isBatchFile(file)).toBe(false)
  })

  it('get each argument in quotation marks', () => {
    expect(batchCommandLine('C:\\w\\cmd.exe', ['a', 'b c', '&calc', '^|<>()', '', 'd\\', 'C:\\e\\f'])).toBe(
      'C:\\w\\cmd.exe /d /v:off /s /c ""\0" "a" "b c" "&calc" "^|<>()" "" "d\\\\" "C:\\e\\f""',
    )
  })

  it('get no argument that cmd.exe could take for something else', () => {
    for (const wrong of ['a"b', '"&calc&"', '%PATH%', '100%', '!x!', 'a\nb', 'a\rb', '\x1a', '\x00']) {
      expect(() => batchCommandLine('cmd.exe', [wrong])).toThrow(RangeError)
    }
  })
})
