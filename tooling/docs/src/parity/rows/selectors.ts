import { done, notApplicable, type Section } from '../row.js'

export const selectors: Section = {
  title: 'Selectors',
  rows: [
    done('A397', 'EVENT_READ, EVENT_WRITE', 'EVENT_READ, EVENT_WRITE'),
    done('A398', 'SelectorKey', 'SelectorKey'),
    done('A399', 'BaseSelector', 'Selector'),
    done('A400', 'BaseSelector.register', 'Selector.register'),
    done('A401', 'BaseSelector.unregister', 'Selector.unregister'),
    done('A402', 'BaseSelector.modify', 'Selector.modify'),
    done('A403', 'BaseSelector.select', 'Selector.select'),
    done('A404', 'BaseSelector.close', 'Selector.close'),
    done('A405', 'BaseSelector.get_key', 'Selector.getKey'),
    done('A406', 'BaseSelector.get_map', 'Selector.getMap'),
    done('A407', 'DefaultSelector', 'DefaultSelector'),
    done('A408', 'SelectSelector', 'SelectSelector'),
    done('A409', 'PollSelector', 'PollSelector'),
    done('A410', 'EpollSelector', 'EpollSelector'),
    notApplicable('A411', 'DevpollSelector', 'a mechanism of Solaris, for which there is no backend'),
    done('A412', 'KqueueSelector', 'KqueueSelector'),
  ],
}
