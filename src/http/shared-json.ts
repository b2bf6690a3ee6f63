/**
 * An answer that many may ask for in the same state: its JSON is made once, and whoever has not read it yet
 * shares its bytes with everybody else. Whoever makes one keeps it with the state that it describes.
 */
export class SharedJson<Value extends object> {
  readonly #make: () => Value
  #bytes: Buffer | null = null
  #stale: SharedJson<Value> | null = null

  /** @param make - always makes the same value */
  constructor(make: () => Value) {
    this.#make = make
  }

  get value(): Value {
    return this.#make()
  }

  get bytes(): Buffer {
    this.#bytes ??= Buffer.from(JSON.stringify(this.value))
    return this.#bytes
  }

  /** The same, marked as possibly outdated. */
  get stale(): SharedJson<Value> {
    this.#stale ??= new SharedJson(() => ({ ...this.value, stale: true }))
    return this.#stale
  }
}
