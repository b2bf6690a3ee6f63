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
  /** Of these votes, sorted. */
  #voteTexts: string[] = []
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
    const isOpen = hasOpenValues(round)
    const isContinued =
      isOpen === this.#hasOpenValues && this.#votes.every((vote, place) => vote === round.votes[place])
    if (!isContinued) this.#voteTexts = []
    for (const vote of round.votes.slice(this.#voteTexts.length))
      insert(this.#voteTexts, textOf(vote, isOpen))
    this.#votes = round.votes
    this.#hasOpenValues = isOpen
    return new Written(`{${this.#voteTexts.join(',')}}`)
  }
}

function textOf(vote: Vote, isOpen: boolean): string {
  return `${canonicalJson(vote.userId)}:${canonicalJson(isOpen ? revealedVoteOf(vote) : hiddenVoteOf(vote))}`
}

function insert(sorted: string[], text: string): void {
  const place = sorted.findIndex((other) => other > text)
  sorted.splice(place < 0 ? sorted.length : place, 0, text)
}
