import { expect, it } from 'vitest'
import { programFiles } from '../../../src/subprocess/windows/program_files.js'

const files = (file: string, path = '') => programFiles(file, 'C:\\work', path, 'C:\\Windows')

it('a name is sought in PATH and in the folders of the system, and not in the current one', () => {
  expect(files('node', 'C:\\a;;"D:\\b c";relative')).toEqual([
    'C:\\a\\node.com',
    'C:\\a\\node.exe',
    'D:\\b c\\node.com',
    'D:\\b c\\node.exe',
    'C:\\work\\relative\\node.com',
    'C:\\work\\relative\\node.exe',
    'C:\\Windows\\System32\\node.com',
    'C:\\Windows\\System32\\node.exe',
    'C:\\Windows\\node.com',
    'C:\\Windows\\node.exe',
  ])
})

it('an extension may be part of the name', () => {
  expect(files('setup-1.0', 'C:\\a').slice(0, 3)).toEqual([
    'C:\\a\\setup-1.0',
    'C:\\a\\setup-1.0.com',
    'C:\\a\\setup-1.0.exe',
  ])
})

it('a path is relative to the working directory of the child', () => {
  expect(files('bin\\x')).toEqual(['C:\\work\\bin\\x.com', 'C:\\work\\bin\\x.exe', 'C:\\work\\bin\\x'])
  expect(files('./x.exe')[0]).toBe('C:\\work\\x.exe')
  expect(files('D:/y/z.exe')[0]).toBe('D:\\y\\z.exe')
})

it('nothing is no program', () => {
  expect(files('')).toEqual([])
})
