/**
 * For tests of code that waits: a loop whose clock jumps to the next deadline.
 *
 * @packageDocumentation
 */
export { VirtualClockEventLoop } from './virtual_clock_event_loop.js'
