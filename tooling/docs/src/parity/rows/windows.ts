import { notYet, type Section } from '../row.js'

export const windows: Section = {
  title: 'Helpers for Windows',
  rows: [
    notYet('A394', 'windows_utils.pipe'),
    notYet('A395', 'windows_utils.PipeHandle'),
    notYet('A396', 'windows_utils.Popen'),
  ],
}
