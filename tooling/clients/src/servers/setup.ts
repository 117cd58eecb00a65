import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import {
  type Running,
  startMariadb,
  startMosquitto,
  startNginx,
  startPostgres,
  startRedis,
  startSshd,
} from './start.js'

/** Starts all servers before the tests, and ends them by their ids afterwards, whatever became of the tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const parent = mkdtempSync(join(tmpdir(), 'loop-clients-'))
  // Servers that are not this user have to come through.
  chmodSync(parent, 0o755)
  const starting = {
    postgres: startPostgres(parent),
    redis: startRedis(parent),
    nginx: startNginx(parent),
    mosquitto: startMosquitto(parent),
    mariadb: startMariadb(parent),
    sshd: startSshd(parent),
  }
  const outcomes = await Promise.allSettled(Object.values<Promise<Running>>(starting))
  const running = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const stop = async () => {
    await Promise.all(running.map(({ process, signal }) => process.stop(signal)))
    rmSync(parent, { recursive: true })
  }
  const failure = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failure !== undefined) {
    await stop()
    throw failure.reason
  }
  project.provide('endpoints', {
    postgres: (await starting.postgres).endpoint,
    redis: (await starting.redis).endpoint,
    nginx: (await starting.nginx).endpoint,
    mosquitto: (await starting.mosquitto).endpoint,
    mariadb: (await starting.mariadb).endpoint,
    sshd: (await starting.sshd).endpoint,
  })
  return stop
}
