// npm start [-- ARGS]: set up what is missing, then the tour, in this process, so that Ctrl-C reaches it alone.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './root.mjs'
import { orExplain, setUp } from './setup.mjs'

orExplain(setUp)
const tour = join(root, 'tooling/tour/dist/main.js')
process.argv[1] = tour
await import(pathToFileURL(tour).href)
