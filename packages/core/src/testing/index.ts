export { VirtualClockEventLoop } from './virtual_clock_event_loop.js'
