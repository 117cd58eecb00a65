import { createConnection } from '@loop/node'
import mysql from 'mysql2/promise'
import { describe, expect, inject, it } from 'vitest'
import { onLoop, overEach } from './over.js'
import { cert } from './servers/folder.js'

const large = 'The quick brown fox '.repeat(50_000)

async function useConnection(connection: mysql.Connection): Promise<void> {
  await connection.query('CREATE DATABASE IF NOT EXISTS notes')
  await connection.query('CREATE TEMPORARY TABLE notes.note (id int, text longtext)')
  await connection.execute('INSERT INTO notes.note VALUES (?, ?), (?, ?)', [1, 'small', 2, large])
  const [rows] = await connection.execute('SELECT id, text FROM notes.note ORDER BY id')
  expect(rows).toEqual([
    { id: 1, text: 'small' },
    { id: 2, text: large },
  ])
  await expect(connection.query('SELECT no_such_column')).rejects.toMatchObject({ code: 'ER_BAD_FIELD_ERROR' })
  const many = await Promise.all(Array.from({ length: 100 }, (_, i) => connection.query('SELECT ? AS n', [i])))
  expect(many.map(([[row]]: any) => row.n)).toEqual(Array.from({ length: 100 }, (_, i) => i))
  await connection.end()
}

overEach('mysql2', 'mariadb', (test) => {
  test('queries, errors, many at once', async (way) => {
    await useConnection(await mysql.createConnection({ user: 'root', stream: () => way.socket() }))
  })
})

describe('MariaDB over TLS', () => {
  it("mysql2's own TLS over our TCP", () =>
    onLoop(async () => {
      const { port } = inject('endpoints').mariadb
      const stream = () => createConnection({ host: '127.0.0.1', port })
      const connection = await mysql.createConnection({
        user: 'root',
        host: 'localhost',
        stream,
        ssl: { ca: cert.toString(), verifyIdentity: true } as mysql.SslOptions,
      })
      const [[row]] = (await connection.query("SHOW STATUS LIKE 'Ssl_cipher'")) as any
      expect(row.Value).not.toBe('')
      await useConnection(connection)
    }))
})
