import { signal } from '@preact/signals'

/** Actions that cannot be undone once sent, and therefore wait for a moment. */
export type UndoableAction =
  | { readonly type: 'remove'; readonly id: string; readonly name: string }
  /** Of a story. */
  | { readonly type: 'delete'; readonly id: string; readonly name: string }
  | { readonly type: 'leave' }
  | { readonly type: 'end' }

/** How long an action can be undone. */
export const UNDO_MS = 5_000

/** One pending action at a time. Another one, or closing the page, does not execute it early. */
export class Undo {
  /** The pending action; `null`: none. */
  readonly pending = signal<UndoableAction | null>(null)
  readonly #carryOut: (action: UndoableAction) => void
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(carryOut: (action: UndoableAction) => void) {
    this.#carryOut = carryOut
  }

  /** Replaces the pending action, which is then not executed. */
  begin(action: UndoableAction): void {
    clearTimeout(this.#timer)
    this.pending.value = action
    this.#timer = setTimeout(() => {
      this.pending.value = null
      this.#carryOut(action)
    }, UNDO_MS)
  }

  /** Cancels the pending action. */
  cancel(): void {
    clearTimeout(this.#timer)
    this.pending.value = null
  }
}
