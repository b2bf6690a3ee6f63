/** The last digits of a long id, by which people tell ids apart; other texts unchanged. */
export function short(text: string): string {
  return /^[0-9a-f-]{36}$/.test(text) ? `…${text.slice(-4)}` : text
}

/** A state by its last two names: `round.voting`. */
export function inner(stateId: string): string {
  return stateId.split('.').slice(-2).join('.')
}
