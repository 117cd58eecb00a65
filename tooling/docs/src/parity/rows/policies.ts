import { done, notApplicable, type Section } from '../row.js'

const watchers = 'Python took it out in 3.14; the best one is chosen by itself'

export const policies: Section = {
  title: 'Policies',
  rows: [
    done('A368', 'get_event_loop_policy', 'getEventLoopPolicy'),
    done('A369', 'set_event_loop_policy', 'setEventLoopPolicy'),
    done('A370', 'AbstractEventLoopPolicy', 'EventLoopPolicy'),
    done(
      'A371',
      'AbstractEventLoopPolicy.get_event_loop, set_event_loop, new_event_loop',
      'EventLoopPolicy.getEventLoop, EventLoopPolicy.setEventLoop, EventLoopPolicy.newEventLoop',
    ),
    done('A372', 'DefaultEventLoopPolicy', 'DefaultEventLoopPolicy'),
    done('A373', 'WindowsSelectorEventLoopPolicy', 'WindowsSelectorEventLoopPolicy'),
    done('A374', 'WindowsProactorEventLoopPolicy', 'WindowsProactorEventLoopPolicy'),
    done(
      'A375',
      'AbstractEventLoopPolicy.get_child_watcher, set_child_watcher',
      'EventLoopPolicy.getChildWatcher, EventLoopPolicy.setChildWatcher',
    ),
    done('A376', 'get_child_watcher, set_child_watcher', 'getChildWatcher, setChildWatcher'),
    done('A377', 'AbstractChildWatcher', 'AbstractChildWatcher', { note: watchers }),
    done('A378', 'ThreadedChildWatcher', 'ThreadedChildWatcher', { note: watchers }),
    done('A379', 'PidfdChildWatcher', 'PidfdChildWatcher', { note: watchers }),
    notApplicable('A380', 'MultiLoopChildWatcher', 'Python took it out in 3.14; child processes need no watcher here'),
    notApplicable('A381', 'SafeChildWatcher', 'Python took it out in 3.14; child processes need no watcher here'),
    notApplicable('A382', 'FastChildWatcher', 'Python took it out in 3.14; child processes need no watcher here'),
  ],
}
