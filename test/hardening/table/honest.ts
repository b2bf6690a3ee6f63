import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Door } from '../../support/raw-exchange.js'
import type { HonestOrder, HonestReport } from './honest-orders.js'

/** Starts the process of the honest team. */
export class Honest {
  readonly #child: ChildProcess
  readonly #gone: Promise<never>

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#gone = once(child, 'exit').then(([code]) => {
      throw new Error(`the honest team ended with ${code}`)
    })
    this.#gone.catch(() => {})
  }

  static async start({ port, secure }: Door): Promise<Honest> {
    const origin = secure === undefined ? `http://127.0.0.1:${port}` : `https://${secure.host}:${port}`
    const child = fork(join(__dirname, 'honest-team.ts'), [origin, secure?.certFile ?? ''], {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    process.once('exit', () => child.kill('SIGKILL'))
    await once(child, 'message')
    return new Honest(child)
  }

  /** @returns the session in which the team plays, whose id everybody may know */
  async play(): Promise<{ readonly sessionId: string }> {
    return this.#ordered('play')
  }

  end(): Promise<HonestReport> {
    return this.#ordered('end')
  }

  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    await this.#gone.catch(() => {})
  }

  // biome-ignore lint/suspicious/noExplicitAny: the two processes are of one source
  async #ordered(order: HonestOrder): Promise<any> {
    this.#child.send(order)
    const [report] = await Promise.race([once(this.#child, 'message'), this.#gone])
    return report
  }
}
