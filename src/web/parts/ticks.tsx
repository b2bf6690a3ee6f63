import { ticksOf } from './ruler.js'

/** One card's stretch of the ruler: its own tick in the middle, and the distance to its neighbours. */
export function Ticks({ cards, index }: { readonly cards: readonly string[]; readonly index: number }) {
  return (
    <svg class="ticks" width="100%" height="14" aria-hidden="true" focusable="false">
      <line class="maj" x1="50%" x2="50%" y1="0" y2="14" />
      {ticksOf(cards, index).map((percent) => (
        <line key={percent} x1={`${percent}%`} x2={`${percent}%`} y1="0" y2="9" />
      ))}
    </svg>
  )
}
