import type { Section } from './row.js'
import { callGraph } from './rows/call_graph.js'
import { exceptions } from './rows/exceptions.js'
import { extending } from './rows/extending.js'
import { futures } from './rows/futures.js'
import { handles } from './rows/handles.js'
import { implementations } from './rows/implementations.js'
import { loopCurrent, loopErrors, loopExecutors, loopFutures, loopRunning, loopScheduling } from './rows/loop.js'
import { loopConnections } from './rows/loop_connections.js'
import { loopDescriptors, loopDns, loopPipes, loopSignals, loopSockets, loopSubprocess } from './rows/loop_io.js'
import { policies } from './rows/policies.js'
import { protocols } from './rows/protocols.js'
import { queues } from './rows/queues.js'
import { runners } from './rows/runners.js'
import { selectors } from './rows/selectors.js'
import { server } from './rows/server.js'
import { streams } from './rows/streams.js'
import { subprocess } from './rows/subprocess.js'
import { synchronisation } from './rows/synchronisation.js'
import { tasks } from './rows/tasks.js'
import { transports } from './rows/transports.js'
import { windows } from './rows/windows.js'

/** In the order of asyncio's documentation. */
export const sections: readonly Section[] = [
  runners,
  tasks,
  futures,
  callGraph,
  streams,
  synchronisation,
  queues,
  subprocess,
  loopCurrent,
  loopRunning,
  loopScheduling,
  loopFutures,
  loopConnections,
  loopDescriptors,
  loopSockets,
  loopDns,
  loopPipes,
  loopSignals,
  loopExecutors,
  loopErrors,
  loopSubprocess,
  handles,
  server,
  implementations,
  transports,
  protocols,
  policies,
  extending,
  exceptions,
  windows,
  selectors,
]
