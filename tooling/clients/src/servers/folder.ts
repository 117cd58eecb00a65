import { chmodSync, chownSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const certificates = fileURLToPath(new URL('../../../conformance/certificates/', import.meta.url))

export const cert = readFileSync(join(certificates, 'localhost.crt'))

/** A server's own folder, with the certificate of localhost in it. */
export class Folder {
  readonly path: string
  readonly cert: string
  readonly key: string

  /** @param owner the user that the server runs as, where this process is root */
  constructor(parent: string, name: string, owner?: string) {
    this.path = join(parent, name)
    mkdirSync(this.path)
    this.cert = this.at('localhost.crt')
    this.key = this.at('localhost.key')
    copyFileSync(join(certificates, 'localhost.crt'), this.cert)
    copyFileSync(join(certificates, 'localhost.key'), this.key)
    chmodSync(this.key, 0o600)
    if (owner === undefined || process.getuid?.() !== 0) return
    const [uid, gid] = idsOf(owner)
    for (const path of [this.path, this.cert, this.key]) chownSync(path, uid, gid)
  }

  at(name: string): string {
    return join(this.path, name)
  }

  write(name: string, text: string): string {
    writeFileSync(this.at(name), text)
    return this.at(name)
  }
}

function idsOf(user: string): [number, number] {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${user}:`))
  if (line === undefined) throw new Error(`There is no user ${user}: the package of the server makes it`)
  const [, , uid, gid] = line.split(':').map(Number)
  return [uid!, gid!]
}
