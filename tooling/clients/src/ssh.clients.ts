import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { Client, type ClientChannel, type SFTPWrapper } from 'ssh2'
import { expect, inject } from 'vitest'
import { overEach } from './over.js'

overEach('ssh2', 'sshd', (test) => {
  test('runs commands, with input and much output, and transfers files', async (way) => {
    const { user, privateKey } = inject('endpoints').sshd
    const client = new Client()
    await new Promise((resolve, reject) => {
      client.on('ready', () => resolve(undefined)).on('error', reject)
      client.connect({ sock: way.socket(), username: user, privateKey: readFileSync(privateKey) })
    })
    const exec = (command: string) =>
      new Promise<ClientChannel>((resolve, reject) =>
        client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel))),
      )
    expect(await text(await exec('echo hello from $0'))).toMatch(/^hello from /)
    const [first, second] = await Promise.all([exec('cat'), exec('seq 1 200000')])
    first.end('there and back')
    expect(await text(first)).toBe('there and back')
    expect((await text(second)).trim().split('\n')).toHaveLength(200_000)
    const sftp = await new Promise<SFTPWrapper>((resolve, reject) =>
      client.sftp((error, wrapper) => (error ? reject(error) : resolve(wrapper))),
    )
    const key = await new Promise<Buffer>((resolve, reject) =>
      sftp.readFile(privateKey, (error, data) => (error ? reject(error) : resolve(data))),
    )
    expect(key.equals(readFileSync(privateKey))).toBe(true)
    const closed = new Promise((resolve) => client.on('close', () => resolve(undefined)))
    client.end()
    await closed
  })
})
