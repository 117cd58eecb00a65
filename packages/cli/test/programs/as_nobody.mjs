// Runs `loop ps PROCESS` as nobody. What it needs is loaded before, as nobody may not be able to read this checkout.
await import('commander')
await import('../../dist/ps/ps.js')
process.setuid(65_534)
process.argv.splice(1, process.argv.length, 'loop', 'ps', process.env.PROCESS)
console.log('ready')
await import('../../bin/loop.mjs')
