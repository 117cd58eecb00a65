/** Where a server is to be found; what it does not have is left out. */
export interface Endpoint {
  port: number
  /** A Unix socket. */
  path?: string
  /** With TLS from the first byte. */
  tlsPort?: number
}

/** Everything that the tests are given; it has to pass from one process to another. */
export interface Endpoints {
  postgres: Endpoint
  redis: Endpoint
  nginx: Endpoint
  mosquitto: Endpoint
  mariadb: Endpoint
  sshd: Endpoint & { user: string; privateKey: string }
}

declare module 'vitest' {
  export interface ProvidedContext {
    endpoints: Endpoints
  }
}
