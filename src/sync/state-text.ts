import type { Participant, Round, SessionContext, Vote } from '../../machines/session/context.js'
import type { SessionSnapshot } from '../../machines/session/machine.js'
import { hasOpenValues, hiddenVoteOf, revealedVoteOf, roundWith, stateWith, userOf } from '../wire/project.js'
import { roundView, serverStateView, voteView } from '../wire/views.js'
import { canonicalJson, canonicalWriter, Written } from './canonical-json.js'

const stateText = canonicalWriter(serverStateView.omit({ state_checksum: true }).keyof().options)
const roundText = canonicalWriter(roundView.keyof().options)
const voteText = canonicalWriter(voteView.keyof().options)

/**
 * The canonical JSON of successive public states of one session. Snapshots share whatever did not change
 * between them, so only objects that were replaced since the last time are written again.
 */
export class StateText {
  #users: { readonly of: readonly Participant[]; readonly text: string } | null = null
  /** The texts are sorted. */
  #votes: { readonly of: readonly Vote[]; readonly isOpen: boolean; readonly texts: string[] } | null = null

  of(snapshot: SessionSnapshot): string {
    return stateText(stateWith(snapshot, this))
  }

  readonly users = (participants: readonly Participant[]): Written => {
    if (participants !== this.#users?.of) {
      this.#users = { of: participants, text: canonicalJson(participants.map(userOf)) }
    }
    return new Written(this.#users.text)
  }

  readonly round = (context: SessionContext, round: Round): Written =>
    new Written(roundText(roundWith(context, round, this.votes)))

  /** Each vote as a member of an object, in the order of the names, which have one length and come first. */
  readonly votes = (round: Round): Written => {
    const isOpen = hasOpenValues(round)
    const before = this.#votes
    const isContinued =
      isOpen === before?.isOpen && before.of.every((vote, place) => vote === round.votes[place])
    const texts = isContinued ? before.texts : []
    for (const vote of round.votes.slice(texts.length)) insert(texts, textOf(vote, isOpen))
    this.#votes = { of: round.votes, isOpen, texts }
    return new Written(`{${texts.join(',')}}`)
  }
}

function textOf(vote: Vote, isOpen: boolean): string {
  return `${canonicalJson(vote.userId)}:${voteText(isOpen ? revealedVoteOf(vote) : hiddenVoteOf(vote))}`
}

function insert(sorted: string[], text: string): void {
  // Stryker disable next-line EqualityOperator: no voter has two cards, so no two texts are equal
  const place = sorted.findIndex((other) => other > text)
  sorted.splice(place < 0 ? sorted.length : place, 0, text)
}
