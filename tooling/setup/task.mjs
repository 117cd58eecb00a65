// npm run build | lint | typecheck | conformance | bench | format | docs | tarballs | installs | changeset [-- ARGS]

import { pnpm } from './pnpm.mjs'
import { install, orExplain, setUp } from './setup.mjs'

const TURBO = {
  build: ['build'],
  lint: ['lint', 'lint:root'],
  typecheck: ['typecheck'],
  conformance: ['conformance'],
}
const OTHERS = {
  // Not through turbo, which prefixes each line of a table and keeps variables such as LOOP_BACKEND from a task.
  bench: [process.execPath, 'tooling/bench/dist/main.js'],
  format: ['biome', 'check', '--write', '.'],
  changeset: ['changeset'],
  docs: ['pnpm', '--filter', '@tooling/docs', 'run', '--silent', 'docs'],
  tarballs: [process.execPath, 'tooling/publish/dist/main.js'],
  installs: [process.execPath, 'tooling/publish/dist/install/main.js'],
}

const [task, ...args] = process.argv.slice(2)
if (!Object.hasOwn(TURBO, task) && !Object.hasOwn(OTHERS, task)) {
  console.error(`There is no task '${task}'; there are ${Object.keys({ ...TURBO, ...OTHERS }).join(', ')}`)
  process.exit(2)
}

orExplain(['conformance', 'bench', 'docs', 'tarballs', 'installs'].includes(task) ? setUp : install)
const command = Object.hasOwn(TURBO, task)
  ? [
      'turbo',
      'run',
      ...TURBO[task],
      '--output-logs=new-only',
      '--continue',
      ...(args.length > 0 ? ['--', ...args] : []),
    ]
  : [...OTHERS[task], ...args]
process.exit(pnpm(['exec', ...command], { stdio: 'inherit' }).status ?? 1)
