import { done, notApplicable, notYet, type Section } from '../row.js'

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
    notYet(
      'A375',
      'AbstractEventLoopPolicy.get_child_watcher, set_child_watcher',
      'EventLoopPolicy.getChildWatcher, EventLoopPolicy.setChildWatcher',
    ),
    notYet('A376', 'get_child_watcher, set_child_watcher', 'getChildWatcher, setChildWatcher'),
    notApplicable('A377', 'AbstractChildWatcher', 'Python took it out in 3.14; child processes need no watcher here'),
    notApplicable('A378', 'ThreadedChildWatcher', 'Python took it out in 3.14; child processes need no watcher here'),
    notApplicable('A379', 'PidfdChildWatcher', 'Python took it out in 3.14; child processes need no watcher here'),
    notApplicable('A380', 'MultiLoopChildWatcher', 'Python took it out in 3.14; child processes need no watcher here'),
    notApplicable('A381', 'SafeChildWatcher', 'Python took it out in 3.14; child processes need no watcher here'),
    notApplicable('A382', 'FastChildWatcher', 'Python took it out in 3.14; child processes need no watcher here'),
  ],
}
