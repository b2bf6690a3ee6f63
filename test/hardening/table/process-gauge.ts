import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import WebSocket from 'ws'
import type { BuiltServer } from '../../support/built-server.js'

/** Lets a process be inspected from outside; its own code and settings stay as they are. */
export const LOOKED_INTO = { NODE_OPTIONS: '--inspect=127.0.0.1:0' }

/** What a process holds once it has thrown away what it can. */
export interface Holdings {
  readonly residentMib: number
  /** What JavaScript can still reach, and what that holds natively. */
  readonly liveMib: number
  readonly descriptors: number
  /** What keeps the event loop busy, by kind. */
  readonly handles: number
}

/**
 * Looks at a server's process through V8's inspector. Resident memory alone says little: uncollected garbage
 * looks like a leak. So each look is preceded by a collection.
 */
export class ProcessGauge {
  readonly #pid: number
  readonly #inspector: WebSocket
  #calls = 0
  #scheduled: readonly [ran: number, waited: number] = [0, 0]

  private constructor(pid: number, inspector: WebSocket) {
    this.#pid = pid
    this.#inspector = inspector
  }

  /** @param server - started with `LOOKED_INTO` */
  static async of(server: BuiltServer): Promise<ProcessGauge> {
    const address = /Debugger listening on (ws:\S+)/.exec(server.output())?.[1]
    if (address === undefined || server.process.pid === undefined) throw new Error('no inspector listens')
    const inspector = new WebSocket(address)
    await new Promise((resolve, reject) => inspector.once('open', resolve).once('error', reject))
    return new ProcessGauge(server.process.pid, inspector)
  }

  async holdings(): Promise<Holdings> {
    await this.#call('HeapProfiler.collectGarbage')
    await this.#call('HeapProfiler.collectGarbage')
    const { result } = await this.#call('Runtime.evaluate', {
      expression: `(({ heapUsed, external }) =>
        [heapUsed + external, process.getActiveResourcesInfo().length].join())(process.memoryUsage())`,
    })
    const [bytes = 0, handles = 0] = String(result?.value).split(',').map(Number)
    return {
      residentMib: this.#status('VmRSS'),
      liveMib: bytes / 2 ** 20,
      descriptors: readdirSync(`/proc/${this.#pid}/fd`).length,
      handles,
    }
  }

  /** From now on `peakMib` is the most that was resident since now. */
  forgetPeak(): void {
    writeFileSync(`/proc/${this.#pid}/clear_refs`, '5')
  }

  get peakMib(): number {
    return this.#status('VmHWM')
  }

  /** Starts watching how often the process has to wait for a core. */
  forgetWaiting(): void {
    this.#scheduled = this.#schedule()
  }

  /** How much longer the process took for its work than it would have alone: 1 on an idle machine. */
  get stretch(): number {
    const [ran, waited] = this.#schedule()
    const [ranBefore, waitedBefore] = this.#scheduled
    return 1 + (waited - waitedBefore) / Math.max(1, ran - ranBefore)
  }

  close(): void {
    this.#inspector.terminate()
  }

  /** Nanoseconds of its main thread, as Linux' scheduler counts them. */
  #schedule(): readonly [ran: number, waited: number] {
    const [ran = 0, waited = 0] = readFileSync(`/proc/${this.#pid}/schedstat`, 'utf8').split(' ').map(Number)
    return [ran, waited]
  }

  #status(field: string): number {
    const status = readFileSync(`/proc/${this.#pid}/status`, 'utf8')
    return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024
  }

  async #call(
    method: string,
    params: Record<string, unknown> = {},
  ): Promise<{ result?: { value?: unknown } }> {
    this.#calls += 1
    const id = this.#calls
    const answer = new Promise<{ result?: { value?: unknown } }>((resolve) => {
      const hear = (data: WebSocket.RawData) => {
        const message = JSON.parse(String(data))
        if (message.id !== id) return
        this.#inspector.off('message', hear)
        resolve(message.result ?? {})
      }
      this.#inspector.on('message', hear)
    })
    this.#inspector.send(JSON.stringify({ id, method, params }))
    return answer
  }
}
