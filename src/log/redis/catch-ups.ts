/** Told whether everything the log had was carried out. */
type Then = (isFresh: boolean) => void

export interface CatchUpsOptions {
  /** Reads the log and carries out what is new. @returns whether it could; never rejects */
  readonly read: () => Promise<boolean>
  /** The sequence number of the newest entry carried out. */
  readonly reached: () => number
  /** Whether the log can be read now. */
  readonly isAvailable: () => boolean
  /** Called with what somebody threw when told. */
  readonly onFault: (error: unknown) => void
}

/** Reads a session's log for those who ask, and when new entries are announced. One read at a time. */
export class CatchUps {
  readonly #options: CatchUpsOptions
  #isReading = false
  /** The sequence number of the newest entry heard of. */
  #heardOf = 0
  /** Those whom the next read will answer. */
  #waiting: Then[] = []
  #isFresh = false

  constructor(options: CatchUpsOptions) {
    this.#options = options
  }

  /** Whether the log was read just now; `true` only while those who waited for it are told. */
  get isFresh(): boolean {
    return this.#isFresh
  }

  /** @param then - called once; at once if the log cannot be read now */
  ask(then: Then): void {
    this.#waiting.push(then)
    this.#readSoon()
  }

  /** This many entries have been announced. */
  hear(seq: number): void {
    this.#heardOf = Math.max(this.#heardOf, seq)
  }

  /** Reads if entries were announced that are not here yet. */
  readIfBehind(): void {
    if (this.#heardOf > this.#options.reached()) this.#readSoon()
  }

  /** Answers those who wait: all that can be known now has been carried out. */
  tell(isFresh: boolean, waiting = this.#waiting.splice(0)): void {
    this.#isFresh = isFresh
    for (const then of waiting) {
      try {
        then(isFresh)
      } catch (error) {
        this.#options.onFault(error)
      }
    }
    this.#isFresh = false
  }

  /** Whoever asks while the log is being read is too late for that read: another one follows. */
  #readSoon(): void {
    if (this.#isReading) return
    if (this.#options.isAvailable()) {
      this.#isReading = true
      this.#read()
    } else {
      this.tell(false)
    }
  }

  async #read(): Promise<void> {
    const waiting = this.#waiting
    const heardOf = this.#heardOf
    this.#waiting = []
    const isFresh = await this.#options.read()
    // Whatever was announced but is not there will be announced again.
    if (this.#heardOf === heardOf) this.#heardOf = 0
    this.#isReading = false
    // If the read failed, those who came meanwhile need not wait as long again.
    this.tell(isFresh, isFresh ? waiting : [...waiting, ...this.#waiting.splice(0)])
    if (this.#waiting.length > 0) this.#readSoon()
    else this.readIfBehind()
  }
}
