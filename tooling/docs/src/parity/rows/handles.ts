import { done, type Section } from '../row.js'

export const handles: Section = {
  title: 'Handles',
  rows: [
    done('A289', 'Handle', 'Handle'),
    done('A290', 'Handle.cancel', 'Handle.cancel'),
    done('A291', 'Handle.cancelled', 'Handle.cancelled'),
    done('A292', 'Handle.get_context', 'Handle.getContext'),
    done('A293', 'TimerHandle', 'TimerHandle'),
    done('A294', 'TimerHandle.when', 'TimerHandle.when'),
    done('A295', 'TimerHandle.cancel', 'TimerHandle.cancel'),
  ],
}
