import type { RoundId, StoryId, UserId } from '../../machines/ids.js'
import type { SessionSettings } from '../../machines/session/context.js'
import type { SessionEvent } from '../../machines/session/events.js'
import { statusOf } from '../../machines/session/machine.js'
import { refusal } from '../../machines/session/policy.js'
import type { Refusal } from '../../machines/session/refusal.js'
import type { SessionRules } from '../../machines/session/rules.js'
import { ADA, BOB, Chart, CYD, type Untimed } from './chart.js'

/** Ada, who leads, Bob and Cyd at a table with these rules; a reveal goes straight on to the results. */
export function tableOf(rules: Partial<SessionRules> = {}, settings: Partial<SessionSettings> = {}): Chart {
  const chart = new Chart({ revealMs: 0, ...settings }, rules).join(BOB, CYD)
  chart.newEvents()
  return chart
}

let rounds = 0

/** A new round, about a story of the list or about none. */
export function start(storyId?: StoryId): Untimed {
  rounds += 1
  const round = { type: 'round.start', by: ADA, roundId: `round ${rounds}` as RoundId } as const
  return storyId === undefined ? round : { ...round, story: { id: storyId } }
}

export const vote = (by: UserId, value = '5'): Untimed => ({ type: 'vote.cast', by, value })
export const REVEAL: Untimed = { type: 'round.reveal', by: ADA }
export const PAUSE: Untimed = { type: 'session.pause', by: ADA }
export const RESUME: Untimed = { type: 'session.resume', by: ADA }
export const accept = (estimate: string): Untimed => ({ type: 'round.accept', by: ADA, estimate })
export const wish = (change: Partial<SessionRules>): Untimed => ({
  type: 'settings.change',
  by: ADA,
  wish: change,
})

/** Ids and drafts of stories that read well in a failure. */
export const storyId = (n: number) => `story ${n}` as StoryId
export const draft = (n: number) => ({
  id: storyId(n),
  title: `Story ${n}`,
  link: null,
  notes: null,
  estimate: null,
})
export const addStories = (...numbers: number[]): Untimed => ({
  type: 'stories.add',
  by: ADA,
  drafts: numbers.map(draft),
})

/** The events, whole, since they or their types were last asked for. */
export const eventsOf = (chart: Chart): SessionEvent[] =>
  chart.newSteps().flatMap(({ events }) => [...events])

/** What the policy says of a command here; if it refuses, the chart does not take it, and nothing changes. */
export function judged(chart: Chart, command: Untimed): Refusal | null {
  const snapshot = chart.actor.getSnapshot()
  const timed = { ...command, at: chart.clock.now() }
  const said = refusal({ status: statusOf(snapshot), context: snapshot.context }, timed)
  expect(snapshot.can(timed)).toBe(said === null)
  if (said !== null) {
    chart.send(command)
    expect(chart.context).toBe(snapshot.context)
  }
  return said
}
