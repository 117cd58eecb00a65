import { readFileSync } from 'node:fs'
import { createTlsContext } from '../../src/index.js'

const file = (name: string) =>
  readFileSync(new URL(`../../../../tooling/conformance/certificates/${name}`, import.meta.url))
const cert = file('localhost.crt')

/** Of both ends, for `localhost`. */
export const contexts = {
  server: createTlsContext({ cert, key: file('localhost.key') }),
  client: createTlsContext({ ca: cert }),
}
