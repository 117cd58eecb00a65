import { done, notYet, type Section } from '../row.js'

export const implementations: Section = {
  title: 'Loop implementations',
  rows: [
    done('A307', 'SelectorEventLoop', 'SelectorEventLoop'),
    notYet('A308', 'ProactorEventLoop', 'ProactorEventLoop'),
    done('A309', 'EventLoop', 'newEventLoop', { note: '`EventLoop` is the abstract class here' }),
    done('A310', 'BaseSelectorEventLoop, BaseProactorEventLoop', 'SelectorEventLoop', {
      note: 'no class stands between it and `BaseEventLoop`',
    }),
    notYet('A311', 'IocpProactor'),
    notYet('A312', 'PipeServer'),
  ],
}
