import { signal } from '@preact/signals'

/** What cannot be taken back once it is sent, and so waits for a moment. */
export type UndoableAction =
  | { readonly type: 'remove'; readonly id: string; readonly name: string }
  /** Of a story. */
  | { readonly type: 'delete'; readonly id: string; readonly name: string }
  | { readonly type: 'leave' }
  | { readonly type: 'end' }

/** How long there is to think better of it. */
export const UNDO_MS = 5_000

/** One action at a time that is about to happen. Another one, or closing the page, does not carry it out early. */
export class Undo {
  /** What is about to happen; `null`: nothing. */
  readonly pending = signal<UndoableAction | null>(null)
  readonly #carryOut: (action: UndoableAction) => void
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(carryOut: (action: UndoableAction) => void) {
    this.#carryOut = carryOut
  }

  /** Takes the place of what was about to happen, which is then not done. */
  begin(action: UndoableAction): void {
    clearTimeout(this.#timer)
    this.pending.value = action
    this.#timer = setTimeout(() => {
      this.pending.value = null
      this.#carryOut(action)
    }, UNDO_MS)
  }

  /** Nothing happens. */
  cancel(): void {
    clearTimeout(this.#timer)
    this.pending.value = null
  }
}
