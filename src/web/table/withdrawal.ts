import type { Withdrawal } from '../../client/client.js'
import { cardName } from '../parts/card-face.js'
import { say } from '../words/say.js'

/** Why a chosen card was not cast; `null`: there is nothing left to cast it for. */
export function withdrawalWords({ card, reason, message }: Withdrawal): string | null {
  switch (reason) {
    case 'closed':
    case 'left':
    case 'session_over':
      return null
    case 'refused':
      return message ?? say('noAnswer')
    default:
      return card === null ? say('cardStays') : say('cardTooLate', { card: cardName(card) })
  }
}
