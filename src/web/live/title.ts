import { effect } from '@preact/signals'
import { chime } from '../device/chime.js'
import { hasSound } from '../device/preferences.js'
import type { Table } from '../table/table.js'
import { countOf, phaseOf } from '../table/view.js'
import { say } from '../words/say.js'

/**
 * The tab's title and icon show what is expected of this person, for people looking at another tab. If
 * enabled, one tone sounds when all others have voted.
 * @returns stops it
 */
export function nameTab(table: Table): () => void {
  let rung: string | null = null
  const stop = effect(() => {
    const session = table.session.value
    if (session === null) return
    const isAsked = table.permissions.value.canVote && table.own.value.card === null
    document.title = isAsked ? say('titleYourVote', { table: session.name }) : session.name
    setIcon(isAsked)
    const { missing } = countOf(session)
    const isLast =
      isAsked && phaseOf(session) === 'voting' && missing.length === 1 && missing[0]?.id === table.ownId
    const round = session.current_round?.id ?? null
    if (!isLast || !hasSound.peek() || rung === round || session.participants.length < 2) return
    rung = round
    chime()
  })
  return () => {
    stop()
    document.title = 'MagnaPP'
    setIcon(false)
  }
}

function setIcon(isAsked: boolean): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
  const wanted = isAsked ? '/icon-asked.svg' : '/icon.svg'
  if (icon !== null && icon.getAttribute('href') !== wanted) icon.href = wanted
}
