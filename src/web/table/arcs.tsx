import type { Step } from './outcome.js'

const COLUMN = 100
const HEIGHT = 64
/** The farther a card has moved, the deeper its arc. */
const DEPTH = 30
const DEPTH_A_COLUMN = 14

/** Whether anybody's card has moved since the previous attempt. */
export function hasArcs(steps: readonly Step[]): boolean {
  return movesOf(steps).length > 0
}

/** How cards have moved since the previous attempt, each with a dot at its current position. */
export function Arcs({ steps }: { readonly steps: readonly Step[] }) {
  const moves = movesOf(steps)
  if (moves.length === 0) return null
  return (
    <li class="arcs" role="none" aria-hidden="true">
      <svg
        viewBox={`0 0 ${steps.length * COLUMN} ${HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden="true"
        focusable="false"
      >
        {moves.map(({ id, from, to }) => {
          const [start, end] = [middleOf(from), middleOf(to)]
          const depth = Math.min(HEIGHT, DEPTH + DEPTH_A_COLUMN * Math.abs(to - from))
          return (
            <g key={id}>
              <path d={`M${start} 0Q${(start + end) / 2} ${depth} ${end} 2`} />
              <path class="dot" d={`M${end} 2h0`} />
            </g>
          )
        })}
      </svg>
    </li>
  )
}

interface Movement {
  readonly id: string
  /** Columns. */
  readonly from: number
  readonly to: number
}

function movesOf(steps: readonly Step[]): Movement[] {
  return steps.flatMap(({ people }, to) =>
    people.flatMap(({ user, from }) => {
      const start = steps.findIndex(({ card }) => card === from)
      return start < 0 ? [] : [{ id: user.id, from: start, to }]
    }),
  )
}

function middleOf(column: number): number {
  return column * COLUMN + COLUMN / 2
}
