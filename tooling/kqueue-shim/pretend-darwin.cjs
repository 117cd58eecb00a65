// Loaded before a program (node --require, which worker threads inherit) that is to run on the kqueue backend over the shim: core and the tests then take
// the machine for a Mac.
Object.defineProperty(process, 'platform', { value: 'darwin', configurable: true, enumerable: true })
// For the few tests that would measure the stand-in instead of the backend.
process.env.LOOP_KQUEUE_SHIM = '1'
