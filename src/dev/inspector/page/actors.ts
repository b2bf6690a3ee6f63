import type { Frame, Shown, ShownSnapshot, ShownTransition } from '../frames.js'

/** What the page knows of one actor. */
export interface ActorView {
  readonly sessionId: string
  readonly parentId: string | null
  /** `session <id>`, as the frame names it. */
  readonly name: string
  /** The chart that it runs: the name's first word. */
  readonly chart: string
  readonly snapshot: ShownSnapshot
  /** The transitions of its latest event. */
  readonly taken: readonly ShownTransition[]
}

export type Actors = ReadonlyMap<string, ActorView>

/** The page's knowledge after one more frame. */
export function withFrame(actors: Actors, frame: Frame): Actors {
  if (frame.type === '@xstate.actor') {
    const { sessionId, name, parentId = null, snapshot } = frame
    const chart = name.split(' ', 1)[0] ?? name
    return new Map(actors).set(sessionId, { sessionId, parentId, name, chart, snapshot, taken: [] })
  }
  const known = actors.get(frame.sessionId)
  if (known === undefined) return actors
  return new Map(actors).set(frame.sessionId, { ...known, ...changeOf(known, frame) })
}

function changeOf(known: ActorView, frame: Exclude<Frame, { type: '@xstate.actor' }>): Partial<ActorView> {
  switch (frame.type) {
    case '@xstate.event':
      return { taken: [] }
    case '@xstate.microstep':
      return { taken: [...known.taken, ...frame.transitions] }
    case '@xstate.snapshot':
      return { snapshot: frame.snapshot }
  }
}

/** Actors in the order of a tree: each followed by its children. */
export function asTree(actors: Actors): { readonly actor: ActorView; readonly depth: number }[] {
  const below = (parentId: string | null, depth: number): { actor: ActorView; depth: number }[] =>
    [...actors.values()]
      .filter(
        (actor) =>
          (actor.parentId !== null && actors.has(actor.parentId) ? actor.parentId : null) === parentId,
      )
      .flatMap((actor) => [{ actor, depth }, ...below(actor.sessionId, depth + 1)])
  return below(null, 0)
}

/** The ids of the nodes that are active: every level of a state value. */
export function activeIds(chart: string, value: Shown): string[] {
  if (typeof value === 'string') return [chart, `${chart}.${value}`]
  if (typeof value !== 'object' || value === null) return [chart]
  return [chart, ...Object.entries(value).flatMap(([key, inner]) => activeIds(`${chart}.${key}`, inner))]
}

/** A short form of a state value: its innermost states. */
export function innermost(value: Shown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.values(value).map(innermost).join(' · ')
}
