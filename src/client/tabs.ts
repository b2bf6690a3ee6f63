import { pause } from './pause.js'
import { isTabMessage, type TabMessage } from './tab-messages.js'

/** The part of the platform's lock manager that this library uses (W3C Web Locks). */
export interface Locks {
  request(
    name: string,
    options: { readonly steal?: boolean; readonly ifAvailable?: boolean; readonly signal?: AbortSignal },
    granted: (lock: unknown) => Promise<void>,
  ): Promise<unknown>
}

/** Held while this tab has the stream, until it gives it up or another takes it. */
export interface Lead {
  /** Aborts when another tab takes the lead. */
  readonly lost: AbortSignal
  release(): void
}

/** Within this time the others have learnt that the lead was taken. */
const TOLD_MS = 1_000

/** The version of the messages: tabs with an older page use others. */
const PROTOCOL = 1

/** The other tabs of this browser that follow the same session in the same seat. */
export class Tabs {
  /** Decides which of them has the stream; `null`: the page is not served securely and has no locks. */
  readonly locks: Locks | null
  readonly #name: string
  readonly #channel: InstanceType<typeof BroadcastChannel>
  readonly #listeners = new Set<(message: TabMessage) => void>()

  private constructor(name: string) {
    this.#name = name
    this.locks = platformLocks()
    this.#channel = new BroadcastChannel(name)
    this.#channel.onmessage = (event: unknown) => {
      const message: unknown = typeof event === 'object' && event !== null ? Reflect.get(event, 'data') : null
      if (isTabMessage(message)) for (const listener of this.#listeners) listener(message)
    }
  }

  /**
   * The tabs beside this one.
   * @param origin - the server's; `''`: the page's own
   * @returns `null` outside of a page, and where tabs cannot talk to each other
   */
  static of(origin: string, sessionId: string, userId: string | null): Tabs | null {
    const isPage = Reflect.get(globalThis, 'document') instanceof EventTarget
    if (!isPage || typeof BroadcastChannel === 'undefined') return null
    return new Tabs(`magnapp ${PROTOCOL} ${origin} ${sessionId} ${userId ?? 'watcher'}`)
  }

  /** Sends to all other tabs. */
  tell(message: TabMessage): void {
    this.#channel.postMessage(message)
  }

  listen(listener: (message: TabMessage) => void): void {
    this.#listeners.add(listener)
  }

  close(): void {
    this.#listeners.clear()
    this.#channel.close()
  }

  /**
   * Waits until this tab has the lead: at once if no other has it, or if it is taken from that one.
   * @param way - a signal that ends the wait, or `steal`
   * @throws what the platform throws, such as when the wait was ended
   */
  lead(locks: Locks, way: AbortSignal | 'steal'): Promise<Lead> {
    return new Promise((resolve, reject) => {
      const lost = new AbortController()
      const hold = () =>
        new Promise<void>((release) => {
          resolve({ lost: lost.signal, release })
        })
      locks.request(this.#name, way === 'steal' ? { steal: true } : { signal: way }, hold).catch((error) => {
        lost.abort()
        reject(error)
      })
    })
  }

  /**
   * Takes the lead from a silent tab. Only one tab at a time does so: two that notice at once would each open
   * a stream.
   * @param way - `yield` to another tab that is already doing so; `insist` if that was in vain, since it may
   * be frozen
   * @param isMute - asked once no other tab can be about to do the same
   * @returns `null`: another tab takes it, or its holder has spoken
   */
  takeOver(locks: Locks, way: 'yield' | 'insist', isMute: () => boolean): Promise<Lead | null> {
    return new Promise((resolve, reject) => {
      const take = async (lock: unknown) => {
        if (lock === null || !isMute()) return resolve(null)
        resolve(await this.lead(locks, 'steal'))
        await pause(TOLD_MS, new AbortController().signal)
      }
      const options = way === 'yield' ? { ifAvailable: true } : { steal: true }
      locks.request(`${this.#name}, taken over`, options, take).catch(reject)
    })
  }
}

function platformLocks(): Locks | null {
  const navigator: unknown = Reflect.get(globalThis, 'navigator')
  const locks: unknown =
    typeof navigator === 'object' && navigator !== null ? Reflect.get(navigator, 'locks') : null
  return isLocks(locks) ? locks : null
}

function isLocks(value: unknown): value is Locks {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'request') === 'function'
}
