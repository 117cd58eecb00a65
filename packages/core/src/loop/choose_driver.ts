import type { NativeDrivers, NativePoller, NativeWaitable } from '../backend/contract.js'
import { NotImplementedError } from '../errors/index.js'
import { ChainedDriver } from './chained_driver.js'
import type { Driver } from './driver.js'
import { ThreadWaiting } from './thread_waiting.js'
import { UvDriver } from './uv_driver.js'

/** A poller, or a proactor, which never has a descriptor. */
type Waitable = NativeWaitable & Partial<Pick<NativePoller, 'fileno'>>

/**
 * How a loop over `poller` rides on the host: as `LOOP_DRIVER` says (`uv`, `thread`), else on the host's libuv loop
 * where there is one and the poller has a descriptor that it can watch, else with a thread that waits.
 */
export function chooseDriver(poller: Waitable, drivers: NativeDrivers): Driver {
  const wanted = process.env['LOOP_DRIVER'] || undefined
  if (wanted !== undefined && wanted !== 'uv' && wanted !== 'thread') {
    throw new RangeError(`LOOP_DRIVER must be uv or thread, not ${wanted}`)
  }
  const hasDescriptor = poller.fileno !== undefined && poller.fileno() >= 0
  if (wanted !== 'thread' && drivers.UvDriver !== undefined && hasDescriptor) {
    return new UvDriver(poller as NativePoller, drivers.UvDriver)
  }
  if (wanted === 'uv') {
    throw new NotImplementedError(
      'LOOP_DRIVER=uv',
      drivers.UvDriver === undefined ? 'this host' : 'this selector',
      drivers.UvDriver === undefined
        ? 'it has no libuv loop that an addon may use; leave LOOP_DRIVER unset'
        : 'it has no descriptor that libuv could watch; use EpollSelector, or leave LOOP_DRIVER unset',
    )
  }
  return new ChainedDriver(new ThreadWaiting(poller, drivers.WaiterThread))
}
