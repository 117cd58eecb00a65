import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
let module: typeof import('node:tls') | null = null

/** Bun and Deno have `node:tls`, and Deno the names of its inner parts, which behave otherwise. */
export const engineIsNodes = !('bun' in process.versions) && !('deno' in process.versions)

/** `node:net`, which `node:tls` loads anyway. */
export function nodeNet(): typeof import('node:net') {
  return require('node:net') as typeof import('node:net')
}

/** `node:tls`, loaded when TLS is first used: with it comes half a megabyte of Node's code, which most programs never run. */
export function nodeTls(): typeof import('node:tls') {
  module ??= require('node:tls') as typeof import('node:tls')
  return module
}
