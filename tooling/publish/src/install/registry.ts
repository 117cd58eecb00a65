import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename } from 'node:path'
import type { Manifest, Tarball } from '../tarball.js'

/** A registry with nothing but our tarballs, on loopback: what a package manager needs of one to install a scope. */
export class Registry {
  readonly #server: Server
  readonly #packuments = new Map<string, object>()
  readonly #files = new Map<string, Buffer>()

  private constructor() {
    this.#server = createServer((request, response) => {
      const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname).slice(1)
      const found = this.#files.get(path) ?? this.#packuments.get(path)
      // Another run of the same version has other contents.
      response.setHeader('cache-control', 'no-store')
      if (found === undefined) response.writeHead(404).end('{}')
      else if (Buffer.isBuffer(found)) response.end(found)
      else response.setHeader('content-type', 'application/json').end(JSON.stringify(found))
    })
  }

  static async start(tarballs: readonly Tarball[]): Promise<Registry> {
    const registry = new Registry()
    await new Promise<void>((resolve) => registry.#server.listen(0, '127.0.0.1', resolve))
    for (const tarball of tarballs) registry.#add(tarball)
    return registry
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  #add({ file }: Tarball): void {
    const bytes = readFileSync(file)
    // As it was packed: with versions where the workspace has none.
    const packed = execFileSync('tar', ['-xzOf', file, 'package/package.json'], { encoding: 'utf8' })
    const manifest = JSON.parse(packed) as Manifest
    const { name, version } = manifest
    const path = `tarballs/${basename(file)}`
    this.#files.set(path, bytes)
    const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`
    this.#packuments.set(name, {
      name,
      'dist-tags': { latest: version },
      versions: { [version]: { ...manifest, dist: { tarball: `${this.url}${path}`, integrity } } },
      time: { [version]: '2020-01-01T00:00:00.000Z' },
    })
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}
