import { notYet, type Section } from '../row.js'

export const queues: Section = {
  title: 'Queues',
  rows: [
    notYet('A154', 'Queue', 'Queue'),
    notYet('A155', 'Queue.maxsize', 'Queue.maxsize'),
    notYet('A156', 'Queue.empty', 'Queue.empty'),
    notYet('A157', 'Queue.full', 'Queue.full'),
    notYet('A158', 'Queue.qsize', 'Queue.qsize'),
    notYet('A159', 'Queue.put', 'Queue.put'),
    notYet('A160', 'Queue.put_nowait', 'Queue.putNowait'),
    notYet('A161', 'Queue.get', 'Queue.get'),
    notYet('A162', 'Queue.get_nowait', 'Queue.getNowait'),
    notYet('A163', 'Queue.join', 'Queue.join'),
    notYet('A164', 'Queue.task_done', 'Queue.taskDone'),
    notYet('A165', 'Queue.shutdown', 'Queue.shutdown'),
    notYet('A166', 'PriorityQueue', 'PriorityQueue'),
    notYet('A167', 'LifoQueue', 'LifoQueue'),
    notYet('A168', 'QueueEmpty', 'QueueEmpty'),
    notYet('A169', 'QueueFull', 'QueueFull'),
    notYet('A170', 'QueueShutDown', 'QueueShutDown'),
  ],
}
