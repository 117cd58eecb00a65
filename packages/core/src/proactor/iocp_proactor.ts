import type { NativeProactor, ProactorBackend } from '../backend/contract.js'
import { backendOf } from '../backend/load.js'
import { NotImplementedError } from '../errors/index.js'
import { chooseDriver } from '../loop/choose_driver.js'
import type { Driver } from '../loop/driver.js'
import { Proactor } from './proactor.js'

/** Windows' I/O completion port. asyncio: `IocpProactor`. */
export class IocpProactor extends Proactor {
  /** @throws NotImplementedError where there is none */
  constructor() {
    super('iocp', openPort())
  }

  /** @internal a completion port cannot be watched by the host's loop, so a thread waits for it */
  override _newDriver(): Driver {
    return chooseDriver(this._native, backendOf('proactor')!.backend.drivers)
  }
}

function openPort(): NativeProactor {
  const backend = (backendOf('proactor')?.backend ?? null) as ProactorBackend | null
  const Port = backend?.proactors.iocp
  if (Port !== undefined) return new Port()
  throw new NotImplementedError(
    'ProactorEventLoop',
    process.platform,
    'only Windows has completion ports: use SelectorEventLoop, or newEventLoop(), which makes the best loop of the platform',
  )
}
