import { openConnection } from '@loop/core'
import { connect, createConnection, toDuplex } from '@loop/node'
import pg from 'pg'
import postgres from 'postgres'
import { describe, expect, inject, it } from 'vitest'
import { onLoop, overEach, type Way } from './over.js'
import { cert } from './servers/folder.js'

const login = { user: 'postgres', database: 'postgres' }
const large = 'The quick brown fox '.repeat(50_000)

async function useClient(client: pg.Client): Promise<void> {
  await client.connect()
  await client.query('CREATE TEMP TABLE notes (id serial, text text)')
  await client.query('INSERT INTO notes (text) VALUES ($1), ($2)', ['small', large])
  const { rows } = await client.query('SELECT id, text FROM notes ORDER BY id')
  expect(rows).toEqual([
    { id: 1, text: 'small' },
    { id: 2, text: large },
  ])
  await expect(client.query('SELECT no_such_column')).rejects.toMatchObject({ code: '42703' })
  for (let i = 0; i < 100; i++) expect((await client.query('SELECT $1::int AS n', [i])).rows).toEqual([{ n: i }])
  await client.end()
}

overEach('pg', 'postgres', (test) => {
  const client = (way: Way) => new pg.Client({ ...login, stream: () => way.socket() })
  test('queries, errors, one after another', (way) => useClient(client(way)))

  test('a pool, and notifications', async (way) => {
    const pool = new pg.Pool({ ...login, max: 5, stream: () => way.socket() } as pg.PoolConfig)
    const sums = await Promise.all(Array.from({ length: 50 }, (_, i) => pool.query('SELECT $1::int + 1 AS n', [i])))
    expect(sums.reduce((sum, { rows: [row] }) => sum + row.n, 0)).toBe(1275)
    const listener = client(way)
    await listener.connect()
    await listener.query('LISTEN news')
    const heard = new Promise((resolve) => listener.once('notification', ({ payload }) => resolve(payload)))
    await pool.query("NOTIFY news, 'something happened'")
    expect(await heard).toBe('something happened')
    await listener.end()
    await pool.end()
  })

  test('a server that ends the connection is an error of the client', async (way) => {
    const [victim, other] = [client(way), client(way)]
    await Promise.all([victim.connect(), other.connect()])
    const errors: Error[] = []
    victim.on('error', (error) => errors.push(error))
    const ended = new Promise((resolve) => victim.once('end', resolve))
    const { rows } = await victim.query('SELECT pg_backend_pid() AS pid')
    await other.query('SELECT pg_terminate_backend($1)', [rows[0].pid])
    await ended
    expect(errors[0]).toMatchObject({ code: '57P01' })
    await other.end()
  })
})

describe('PostgreSQL over TLS', () => {
  const { port } = inject('endpoints').postgres

  it("pg's own TLS over our TCP", () =>
    onLoop(async () => {
      const stream = () => createConnection({ host: '127.0.0.1', port })
      await useClient(new pg.Client({ ...login, stream, host: 'localhost', ssl: { ca: cert.toString() } }))
    }))

  it('pg over our startTls, after the request that PostgreSQL wants to see first', () =>
    onLoop(async () => {
      const [reader, writer] = await openConnection({ host: '127.0.0.1', port })
      const request = Buffer.alloc(8)
      request.writeInt32BE(8)
      request.writeInt32BE(80877103, 4)
      writer.write(request)
      expect(`${await reader.readexactly(1)}`).toBe('S')
      await writer.startTls({ ca: cert }, { serverHostname: 'localhost' })
      const socket = toDuplex([reader, writer])
      expect(socket.authorized).toBe(true)
      await useClient(new pg.Client({ ...login, stream: () => socket }))
    }))
})

overEach('postgres', 'postgres', (test) => {
  test('queries, errors, transactions, a cursor', async (way) => {
    // The declarations of the package do not know of this option.
    const options = { ...login, max: 3, socket: () => connect(way.options) } as postgres.Options<Record<string, never>>
    const sql = postgres(options)
    const text = large
    expect(await sql`SELECT ${text}::text AS text, ${[1, 2, 3]}::int[] AS list`).toEqual([{ text, list: [1, 2, 3] }])
    await expect(sql`SELECT no_such_column`).rejects.toMatchObject({ code: '42703' })
    const answer = await sql.begin(async (transaction) => {
      await transaction`CREATE TEMP TABLE numbers (n int) ON COMMIT DROP`
      await transaction`INSERT INTO numbers SELECT generate_series(1, 1000)`
      return transaction`SELECT sum(n)::int AS sum FROM numbers`
    })
    expect(answer[0]).toEqual({ sum: 500_500 })
    let rows = 0
    await sql`SELECT generate_series(1, 10000)`.cursor(1000, (some) => {
      rows += some.length
    })
    expect(rows).toBe(10_000)
    await sql.end()
  })
})
