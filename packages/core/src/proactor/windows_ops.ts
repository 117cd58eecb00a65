import type { PipeOps, ProactorBackend, WindowsProcessOps } from '../backend/contract.js'
import { backendOf, currentBackend } from '../backend/load.js'
import { NotImplementedError } from '../errors/index.js'

function proactorBackend(): ProactorBackend | null {
  return (backendOf('proactor')?.backend ?? null) as ProactorBackend | null
}

/** @throws NotImplementedError where there are no named pipes */
export function pipeOps(): PipeOps {
  const pipes = proactorBackend()?.pipes
  if (pipes !== undefined) return pipes
  throw new NotImplementedError('named pipes', currentBackend().package, 'only Windows has them: use Unix sockets')
}

/** @throws NotImplementedError where processes are not those of Windows */
export function windowsProcessOps(): WindowsProcessOps {
  const processes = proactorBackend()?.windowsProcesses
  if (processes !== undefined) return processes
  throw new NotImplementedError('subprocess', currentBackend().package, 'use node:child_process beside the loop')
}
