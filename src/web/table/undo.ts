import { signal } from '@preact/signals'
import { announce, silence } from '../live/announcer.js'
import { say } from '../words/say.js'

/** Actions that cannot be undone once sent, and therefore wait for a moment. */
export type UndoableAction =
  | { readonly type: 'remove'; readonly id: string; readonly name: string }
  /** Of a story. */
  | { readonly type: 'delete'; readonly id: string; readonly name: string }
  | { readonly type: 'leave' }
  | { readonly type: 'end' }

/** What is about to happen, in words. */
export const WORDS = { remove: 'removing', delete: 'deleting', end: 'ending', leave: 'leaving' } as const

/** How long an action can be undone. */
export const UNDO_MS = 5_000

/** One pending action at a time: another one executes it early. Closing the page drops it. */
export class Undo {
  /** The pending action; `null`: none. */
  readonly pending = signal<UndoableAction | null>(null)
  readonly #carryOut: (action: UndoableAction) => void
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(carryOut: (action: UndoableAction) => void) {
    this.#carryOut = carryOut
  }

  /** Makes an action pending. The previous one is executed, unless this one is meant instead. */
  begin(action: UndoableAction): void {
    const before = this.pending.peek()
    this.cancel()
    if (before !== null && subjectOf(before) !== subjectOf(action)) this.#carryOut(before)
    this.pending.value = action
    announce('undo', say(WORDS[action.type], { name: 'name' in action ? action.name : '' }))
    this.#timer = setTimeout(() => {
      this.pending.value = null
      this.#carryOut(action)
    }, UNDO_MS)
  }

  /** Cancels the pending action. */
  cancel(): void {
    silence('undo')
    clearTimeout(this.#timer)
    this.pending.value = null
  }
}

/** Of two ways out of the table, the second is meant instead of the first. */
function subjectOf(action: UndoableAction): string {
  return 'id' in action ? `${action.type} ${action.id}` : 'way out'
}
