// The certificate that the conformance suite uses; its key is public and worth nothing.
import { readFileSync } from 'node:fs'

const file = (name) => readFileSync(new URL(`../../../conformance/certificates/${name}`, import.meta.url))

export const cert = file('localhost.crt')
export const key = file('localhost.key')
/** What a connection is for is agreed upon in the handshake. */
export const kinds = ['echo', 'download', 'upload']
