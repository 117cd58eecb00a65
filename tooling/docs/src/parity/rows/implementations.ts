import { done, type Section } from '../row.js'

export const implementations: Section = {
  title: 'Loop implementations',
  rows: [
    done('A307', 'SelectorEventLoop', 'SelectorEventLoop'),
    done('A308', 'ProactorEventLoop', 'ProactorEventLoop'),
    done('A309', 'EventLoop', 'newEventLoop', { note: '`EventLoop` is the abstract class here' }),
    done('A310', 'BaseSelectorEventLoop, BaseProactorEventLoop', 'SelectorEventLoop', {
      note: 'what both share is in a class of its own, `SocketEventLoop`, which is not exported',
    }),
    done('A311', 'IocpProactor', 'IocpProactor'),
    done('A312', 'PipeServer', 'PipeServer'),
  ],
}
