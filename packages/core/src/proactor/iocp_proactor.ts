import type { NativeProactor } from '../backend/contract.js'
import { currentBackend } from '../backend/load.js'
import { NotImplementedError } from '../errors/index.js'
import { ChainedDriver } from '../loop/chained_driver.js'
import type { Driver } from '../loop/driver.js'
import { ThreadWaiting } from '../loop/thread_waiting.js'
import { Proactor } from './proactor.js'

/** Windows' I/O completion port. asyncio: `IocpProactor`. */
export class IocpProactor extends Proactor {
  /** @throws NotImplementedError where there is none */
  constructor() {
    super('iocp', openPort())
  }

  /** @internal a completion port cannot be watched by the host's loop, so a thread waits for it */
  override _newDriver(): Driver {
    return new ChainedDriver(new ThreadWaiting(this._native, currentBackend().drivers.WaiterThread))
  }
}

function openPort(): NativeProactor {
  const backend = currentBackend()
  const Port = backend.kind === 'proactor' ? backend.proactors.iocp : undefined
  if (Port !== undefined) return new Port()
  throw new NotImplementedError(
    'ProactorEventLoop',
    process.platform,
    'only Windows has completion ports: use SelectorEventLoop, or newEventLoop(), which makes the best loop of the platform',
  )
}
