import { useEffect } from 'preact/hooks'
import { openPanel } from '../address.js'
import { hasKeys } from '../device/preferences.js'
import { isWriting } from '../live/writing.js'
import type { Table } from './table.js'
import { TypedCard } from './typed-card.js'
import { cardsOf, phaseOf } from './view.js'

/** The keys with a meaning here that are not characters. */
const NAMED = ['Backspace', 'Enter']

/** Whoever presses one of these has finished a text. */
const FINISHING = ['Enter', 'Escape']

/**
 * Keys choose cards, take them back, and open the help. Inactive while typing text, and with modifiers. If the
 * text field disappears under somebody, they go on typing text: until they finish it, press a pointer, or move
 * the focus.
 */
export function useTypedCards(table: Table, keysOf: Window): void {
  useEffect(() => {
    const typed = new TypedCard()
    let field: Element | null = null
    const onFocus = ({ target }: Event) => {
      // That is where the focus goes when a text field disappears.
      if (target instanceof Element && !target.matches('main')) field = isWriting(target) ? target : null
    }
    const onPointer = () => {
      field = null
    }
    const onKey = (event: KeyboardEvent) => {
      const isLost = field?.isConnected === false
      if (FINISHING.includes(event.key)) field = null
      else if (isWriting(event.target)) field = event.target
      if (isLost) return
      if (!hasKeys.value || !isPlainKey(event)) return
      const session = table.session.value
      if (session === null) return
      if (event.key === 'h') return openPanel('keys')
      if (phaseOf(session) !== 'voting' || !table.permissions.value.canVote) return
      if (event.key === 'Enter') {
        if (table.chooseHeld()) event.preventDefault()
        return
      }
      if (event.key === 'Backspace') {
        if (table.own.value.card !== null) void table.choose(null)
        return
      }
      const choice = typed.press(event.key, cardsOf(session), event.timeStamp)
      if (choice === null) return
      event.preventDefault()
      if (choice.card === table.own.value.card) return
      // The last card reveals the round: a 13 must not be sent as a 1 first.
      if (choice.isOpen && session.settings.auto_reveal) table.hold(choice.card)
      else void table.choose(choice.card)
    }
    const over = new AbortController()
    keysOf.addEventListener('focusin', onFocus, over)
    keysOf.addEventListener('pointerdown', onPointer, over)
    keysOf.addEventListener('keydown', onKey, over)
    return () => over.abort()
  }, [table, keysOf])
}

function isPlainKey(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented)
    return false
  if ([...event.key].length > 1 && !NAMED.includes(event.key)) return false
  return !isWriting(event.target)
}
