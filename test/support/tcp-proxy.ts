import { connect, createServer, type Socket } from 'node:net'

/** In front of a server that speaks anything over TCP. */
export interface TcpProxy {
  readonly port: number
  /** Swallows whatever still comes over the connections now open: neither end is told. New ones pass. */
  silence(): void
  /**
   * {@link silence}, for new ones as well until they may pass again.
   * @param breaks - open ones are reset instead
   */
  partition(breaks: boolean): void
  restore(): void
  /** New ones go to another port from now on. */
  aim(port: number): void
  close(): Promise<void>
}

/** A proxy on a free port of loopback. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const open = new Set<Socket>()
  let isCut = false
  let aimedAt = targetPort
  const silence = () => {
    for (const socket of open) socket.removeAllListeners('data').on('data', () => {})
  }
  const server = createServer((near) => {
    const far = connect(aimedAt, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from)
      from.on('data', (bytes) => to.write(bytes))
      from.on('error', () => {})
      from.on('close', () => {
        open.delete(from)
        to.destroy()
      })
    }
    if (isCut) silence()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return {
    port: address.port,
    silence,
    partition: (breaks) => {
      isCut = true
      if (breaks) for (const socket of open) socket.resetAndDestroy()
      else silence()
    },
    restore: () => {
      isCut = false
    },
    aim: (port) => {
      aimedAt = port
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}
