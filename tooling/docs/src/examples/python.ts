import { spawnSync } from 'node:child_process'

/** The interpreter that runs asyncio's half of the examples: the first of the path that has task groups, or none. */
export const python: string | null =
  ['python3', '/usr/bin/python3'].find(
    (command) =>
      spawnSync(command, ['-c', 'import sys; sys.exit(sys.version_info < (3, 11))'], { stdio: 'ignore' }).status === 0,
  ) ?? null
