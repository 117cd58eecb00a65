import { done, type Section } from '../row.js'

export const queues: Section = {
  title: 'Queues',
  rows: [
    done('A154', 'Queue', 'Queue'),
    done('A155', 'Queue.maxsize', 'Queue.maxsize'),
    done('A156', 'Queue.empty', 'Queue.empty'),
    done('A157', 'Queue.full', 'Queue.full'),
    done('A158', 'Queue.qsize', 'Queue.qsize'),
    done('A159', 'Queue.put', 'Queue.put'),
    done('A160', 'Queue.put_nowait', 'Queue.putNowait'),
    done('A161', 'Queue.get', 'Queue.get'),
    done('A162', 'Queue.get_nowait', 'Queue.getNowait'),
    done('A163', 'Queue.join', 'Queue.join'),
    done('A164', 'Queue.task_done', 'Queue.taskDone'),
    done('A165', 'Queue.shutdown', 'Queue.shutdown'),
    done('A166', 'PriorityQueue', 'PriorityQueue'),
    done('A167', 'LifoQueue', 'LifoQueue'),
    done('A168', 'QueueEmpty', 'QueueEmpty'),
    done('A169', 'QueueFull', 'QueueFull'),
    done('A170', 'QueueShutDown', 'QueueShutDown'),
  ],
}
