import type { Round, SessionContext } from '../../machines/session/context.js'
import { revealedRounds } from '../../machines/session/rounds.js'
import { type HistoryView, pastRoundOf } from '../wire/history.js'
import { storyOf } from '../wire/project.js'
import type { StoriesView } from '../wire/stories.js'
import { SharedJson } from './shared-json.js'

/*
 * The long answers about a session, up to a megabyte each. Every state's is kept with the list that it was
 * made of, and dropped with it: a session has one of each, however many ask and do not read.
 */

const storyLists = new WeakMap<SessionContext['stories'], SharedJson<StoriesView>>()

/** Every change makes a new list, so a list has one version. */
export function storiesIn({ stories, storiesVersion }: SessionContext): SharedJson<StoriesView> {
  const known = storyLists.get(stories)
  if (known !== undefined) return known
  const list = new SharedJson(() => ({ stories: stories.map(storyOf), stories_version: storiesVersion }))
  storyLists.set(stories, list)
  return list
}

interface KnownHistory {
  /** The newest round, which is not in the list yet; `null` until it is revealed. */
  readonly newest: Round | null
  readonly answer: SharedJson<HistoryView>
}

const histories = new WeakMap<SessionContext['history'], KnownHistory>()

/** Made again when a round is revealed, or changed after it; nothing else changes the history. */
export function historyIn({ history, round }: SessionContext): SharedJson<HistoryView> {
  const newest = round === null || round.revealedAt === null ? null : round
  const known = histories.get(history)
  if (known !== undefined && known.newest === newest) return known.answer
  const answer = new SharedJson(() => ({
    rounds: revealedRounds({ round: newest, history }).map(pastRoundOf),
  }))
  histories.set(history, { newest, answer })
  return answer
}
