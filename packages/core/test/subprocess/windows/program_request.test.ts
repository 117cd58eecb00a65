import { describe, expect, it } from 'vitest'
import { NotImplementedError } from '../../../src/errors/index.js'
import type { SubprocessOptions } from '../../../src/subprocess/options.js'
import { windowsProgram, windowsShell } from '../../../src/subprocess/windows/program_request.js'

const numbers = { CREATE_NEW_PROCESS_GROUP: 0x200, DETACHED_PROCESS: 8, CREATE_NO_WINDOW: 0x0800_0000 }
const env = { Path: 'C:\\bin' }
const program = (args: string[], options: SubprocessOptions = {}) => windowsProgram(numbers, args, { env, ...options })

describe('windowsProgram', () => {
  it('has the files that may be meant, and the command line', () => {
    const request = program(['tool', 'a b'], { cwd: 'C:\\work' })
    expect(request.files[0]).toBe('C:\\bin\\tool.com')
    expect(request).toMatchObject({
      interpreter: null,
      commandLine: 'tool "a b"',
      cwd: 'C:\\work',
      flags: 0,
      hidden: false,
      job: false,
    })
    expect(request.env).toContain('Path=C:\\bin\0')
  })

  it('is called what the first argument says, and executes what executable says', () => {
    const request = program(['called', 'x'], { executable: 'C:\\y.exe' })
    expect(request.files[0]).toBe('C:\\y.exe')
    expect(request.commandLine).toBe('called x')
  })

  it('hands a batch file to the interpreter', () => {
    const request = program(['C:\\x\\npm.cmd', 'run', 'a & b'])
    expect(request.files[0]).toBe('C:\\x\\npm.cmd')
    expect(request.interpreter).toMatch(/cmd\.exe$/i)
    expect(request.commandLine).toContain('/c ""\0" "run" "a & b""')
    expect(() => program(['x.bat', '%PATH%'])).toThrow(RangeError)
    expect(() => program(['called'], { executable: 'x.bat' })).not.toThrow()
  })

  it('knows flags by the names of options', () => {
    expect(program(['x'], { processGroup: 0 }).flags).toBe(0x200)
    expect(program(['x'], { startNewSession: true }).flags).toBe(0x208)
    expect(program(['x'], { windowsHide: true })).toMatchObject({ flags: 0x0800_0000, hidden: true })
    expect(program(['x'], { creationFlags: 0x8000_0000, job: true })).toMatchObject({ flags: 0x8000_0000, job: true })
  })

  it('refuses what only Unix has, and says what to do', () => {
    const unix: SubprocessOptions[] = [
      { passFds: [3] },
      { user: 0 },
      { group: 0 },
      { extraGroups: [] },
      { umask: 0 },
      { pty: true },
      { processGroup: 1 },
    ]
    for (const options of unix) expect(() => program(['x'], options)).toThrow(NotImplementedError)
    expect(() => program(['x'], { pty: false, user: null, passFds: undefined })).not.toThrow()
  })

  it('refuses what is wrong', () => {
    for (const args of [[], ['a\0']]) expect(() => program(args)).toThrow(RangeError)
    for (const options of [{ creationFlags: '1' }, { windowsHide: 1 }, { job: 'yes' }, { env: 1 }, { cwd: 1 }]) {
      expect(() => program(['x'], options as never)).toThrow(TypeError)
    }
    expect(() => program(['x'], { creationFlags: -1 })).toThrow(RangeError)
  })
})

describe('windowsShell', () => {
  it('is cmd.exe, or another', () => {
    const request = windowsShell(numbers, 'echo "a"', { env, executable: 'C:\\w\\cmd.exe' })
    expect(request.files[0]).toBe('C:\\w\\cmd.exe')
    expect(request.commandLine).toBe('C:\\w\\cmd.exe /d /s /c "echo "a""')
    expect(windowsShell(numbers, 'ls', { env, executable: 'bash' }).commandLine).toBe('bash -c ls')
    expect(() => windowsShell(numbers, 'a\0', { env })).toThrow(RangeError)
  })
})
