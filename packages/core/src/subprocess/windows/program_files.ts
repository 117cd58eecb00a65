import { win32 } from 'node:path'

/** Programs may be named without it. */
const extensions = ['.com', '.exe']

/**
 * The files that a program's name may mean, full paths. A path is relative to the child's working directory; a name is sought in PATH and
 * in the system's folders, and not in the current directory, where anybody may have put one.
 * @param cwd the child's working directory
 * @param path its PATH
 */
export function programFiles(file: string, cwd: string, path: string, systemRoot: string): string[] {
  if (file === '') return []
  if (/[\\/:]/.test(file)) {
    const full = win32.resolve(cwd, file)
    return [...new Set([...named(full), full])]
  }
  const folders = [...path.split(';'), win32.join(systemRoot, 'System32'), systemRoot]
  return folders
    .map((folder) => folder.replaceAll('"', ''))
    .filter((folder) => folder !== '')
    .flatMap((folder) => named(win32.resolve(cwd, folder, file)))
}

/** As it is, if it has an extension; and with those of programs, since "setup-1.0" has none either. */
function named(file: string): string[] {
  const guesses = extensions.map((extension) => file + extension)
  return win32.extname(file) === '' ? guesses : [file, ...guesses]
}
