import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
let module: typeof import('node:tls') | null = null

/** `node:tls`, loaded when TLS is first used: with it comes half a megabyte of Node's code, which most programs never run. */
export function nodeTls(): typeof import('node:tls') {
  module ??= require('node:tls') as typeof import('node:tls')
  return module
}
