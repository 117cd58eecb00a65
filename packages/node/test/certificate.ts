import { readFileSync } from 'node:fs'

const file = (name: string) =>
  readFileSync(new URL(`../../../tooling/conformance/certificates/${name}`, import.meta.url))

export const cert = file('localhost.crt')
export const key = file('localhost.key')
