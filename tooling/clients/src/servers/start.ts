/** How each server of Debian is started: on loopback ports of its own, with a folder of its own, without what else it would do. */
import { readdirSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { Endpoint, Endpoints } from './endpoints.js'
import { Folder } from './folder.js'
import { asUser, freePorts, runProgram, ServerProcess } from './server_process.js'

/** A server that runs, and where. */
export interface Running<E extends Endpoint = Endpoint> {
  readonly process: ServerProcess
  readonly endpoint: E
  /** How it is asked to end. */
  readonly signal?: NodeJS.Signals
}

export async function startPostgres(parent: string): Promise<Running> {
  const folder = new Folder(parent, 'postgres', 'postgres')
  const [port] = (await freePorts(1)) as [number]
  const home = '/usr/lib/postgresql'
  const programs = join(home, readdirSync(home).sort().at(-1)!, 'bin')
  const data = folder.at('data')
  const user = asUser('postgres')
  const [first, ...rest] = [...user, join(programs, 'initdb')] as unknown as [string, ...string[]]
  runProgram(first, [
    ...rest,
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--no-locale',
    '--no-sync',
    '-N',
  ])
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder.path,
    ssl: 'on',
    ssl_cert_file: folder.cert,
    ssl_key_file: folder.key,
    fsync: 'off',
  }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const command = [...user, join(programs, 'postgres'), '-D', data, '-p', String(port), ...options] as unknown as [
    string,
  ]
  const process = await ServerProcess.start(command, port)
  // SIGINT is its fast shutdown, which waits for no client.
  return { process, endpoint: { port, path: folder.at(`.s.PGSQL.${port}`) }, signal: 'SIGINT' }
}

export async function startRedis(parent: string): Promise<Running> {
  const folder = new Folder(parent, 'redis')
  const [port, tlsPort] = (await freePorts(2)) as [number, number]
  const path = folder.at('redis.sock')
  const config = folder.write(
    'redis.conf',
    `bind 127.0.0.1
port ${port}
unixsocket ${path}
tls-port ${tlsPort}
tls-cert-file ${folder.cert}
tls-key-file ${folder.key}
tls-ca-cert-file ${folder.cert}
tls-auth-clients no
save ""
dir ${folder.path}
`,
  )
  return { process: await ServerProcess.start(['redis-server', config], port), endpoint: { port, path, tlsPort } }
}

export async function startNginx(parent: string): Promise<Running> {
  const folder = new Folder(parent, 'nginx')
  const [port, tlsPort] = (await freePorts(2)) as [number, number]
  const path = folder.at('nginx.sock')
  const config = folder.write(
    'nginx.conf',
    `daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${folder.at('pid')};
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path ${folder.at('body')};
  proxy_temp_path ${folder.at('proxy')};
  fastcgi_temp_path ${folder.at('fastcgi')};
  uwsgi_temp_path ${folder.at('uwsgi')};
  scgi_temp_path ${folder.at('scgi')};
  client_max_body_size 100m;
  root ${folder.path};
  server {
    listen 127.0.0.1:${port};
    listen unix:${path};
    listen 127.0.0.1:${tlsPort} ssl http2;
    ssl_certificate ${folder.cert};
    ssl_certificate_key ${folder.key};
    location /hello { return 200 "hello over $server_protocol, $scheme"; }
  }
}
`,
  )
  folder.write('large', 'The quick brown fox '.repeat(100_000))
  const command = ['nginx', '-p', folder.path, '-e', 'stderr', '-c', config] as const
  return { process: await ServerProcess.start(command, port), endpoint: { port, path, tlsPort } }
}

export async function startMosquitto(parent: string): Promise<Running> {
  const folder = new Folder(parent, 'mosquitto')
  const [port, tlsPort] = (await freePorts(2)) as [number, number]
  const path = folder.at('mosquitto.sock')
  const config = folder.write(
    'mosquitto.conf',
    `${process.getuid?.() === 0 ? 'user root' : ''}
allow_anonymous true
persistence false
listener ${port} 127.0.0.1
listener 0 ${path}
listener ${tlsPort} 127.0.0.1
certfile ${folder.cert}
keyfile ${folder.key}
`,
  )
  return { process: await ServerProcess.start(['mosquitto', '-c', config], port), endpoint: { port, path, tlsPort } }
}

export async function startMariadb(parent: string): Promise<Running> {
  const folder = new Folder(parent, 'mariadb', 'mysql')
  const [port] = (await freePorts(1)) as [number]
  const data = folder.at('data')
  const path = folder.at('mariadb.sock')
  const user = asUser('mysql')
  const [first, ...rest] = [...user, 'mariadb-install-db'] as unknown as [string, ...string[]]
  const own = ['--no-defaults', `--datadir=${data}`]
  runProgram(first, [...rest, ...own, '--auth-root-authentication-method=normal', '--skip-test-db'])
  const settings = {
    'bind-address': '127.0.0.1',
    port,
    socket: path,
    'ssl-cert': folder.cert,
    'ssl-key': folder.key,
    'ssl-ca': folder.cert,
    'pid-file': folder.at('pid'),
    'innodb-flush-log-at-trx-commit': 0,
    'skip-name-resolve': 1,
  }
  const options = Object.entries(settings).map(([name, value]) => `--${name}=${value}`)
  const command = [...user, 'mariadbd', ...own, ...options] as unknown as [string]
  return { process: await ServerProcess.start(command, port), endpoint: { port, path } }
}

export async function startSshd(parent: string): Promise<Running<Endpoints['sshd']>> {
  const folder = new Folder(parent, 'sshd')
  const [port] = (await freePorts(1)) as [number]
  const key = (name: string) => {
    const file = folder.at(name)
    runProgram('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file])
    return file
  }
  // Where sshd keeps apart what strangers may do; Debian's service makes it.
  if (process.getuid?.() === 0) runProgram('mkdir', ['-p', '/run/sshd'])
  const privateKey = key('user')
  const config = folder.write(
    'sshd_config',
    `ListenAddress 127.0.0.1
Port ${port}
HostKey ${key('host')}
AuthorizedKeysFile ${privateKey}.pub
StrictModes no
PermitRootLogin yes
UsePAM no
PidFile none
Subsystem sftp internal-sftp
`,
  )
  const command = ['/usr/sbin/sshd', '-D', '-e', '-f', config] as const
  const endpoint = { port, user: userInfo().username, privateKey }
  return { process: await ServerProcess.start(command, port), endpoint }
}
