import type { Participant, Round, Vote } from '../../machines/session/context.js'
import type { SessionSnapshot } from '../../machines/session/machine.js'
import { hasOpenValues, hiddenVoteOf, revealedVoteOf, stateWith, userOf } from '../wire/project.js'
import { canonicalJson, Written } from './canonical-json.js'

/**
 * The canonical JSON of one session's public states, one after the other. Snapshots share what did not
 * change between them, so only objects that were replaced since the last time are written again.
 */
export class StateText {
  #participants: readonly Participant[] = []
  #users = canonicalJson([])
  #votes: readonly Vote[] = []
  #voteTexts: readonly string[] = []
  #hasOpenValues = false

  of(snapshot: SessionSnapshot): string {
    return canonicalJson(stateWith(snapshot, this))
  }

  readonly users = (participants: readonly Participant[]): Written => {
    if (participants !== this.#participants) this.#users = canonicalJson(participants.map(userOf))
    this.#participants = participants
    return new Written(this.#users)
  }

  /** Each vote as a member of an object, in the order of the names: these have one length and stand first. */
  readonly votes = (round: Round): Written => {
    const before = hasOpenValues(round) === this.#hasOpenValues ? this.#votes : []
    const voteOf = hasOpenValues(round) ? revealedVoteOf : hiddenVoteOf
    this.#voteTexts = round.votes.map((vote, index) => {
      const known = vote === before[index] ? this.#voteTexts[index] : undefined
      return known ?? `${canonicalJson(vote.userId)}:${canonicalJson(voteOf(vote))}`
    })
    this.#votes = round.votes
    this.#hasOpenValues = hasOpenValues(round)
    return new Written(`{${[...this.#voteTexts].sort().join(',')}}`)
  }
}
