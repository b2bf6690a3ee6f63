import { cardName } from '../parts/card-face.js'
import { listed, numeral, say } from '../words/say.js'
import type { Outcome } from './outcome.js'

/** "Most say 5. The middle is 5 too." */
export function sentenceOf({ modes, median, agreement, votes, consensus }: Outcome): string {
  if (votes === 0) return say('noCards')
  if (consensus !== null) return say('allSay', { card: cardName(consensus) })
  const [mode] = modes
  if (votes === 1 && mode !== undefined) return say('oneSays', { card: cardName(mode) })
  if (mode === undefined) return say('noNumbers')
  const says =
    modes.length > 1
      ? say('evenBetween', { cards: listed(modes.map(cardName)) })
      : say(shareWords(agreement ?? 0), { card: cardName(mode) })
  if (median === null) return says
  const isSame = modes.length === 1 && numeral(median) === mode
  return `${says} ${say(isSame ? 'middleToo' : 'middleIs', { median })}`
}

function shareWords(share: number): 'mostSay' | 'halfSay' | 'moreSay' {
  return share > 0.5 ? 'mostSay' : share === 0.5 ? 'halfSay' : 'moreSay'
}
