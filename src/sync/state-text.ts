import type { Participant, Round, Vote } from '../../machines/session/context.js'
import type { SessionSnapshot } from '../../machines/session/machine.js'
import { hiddenVoteOf, isRevealed, revealedVoteOf, stateWith, userOf } from '../wire/project.js'
import { canonicalJson, Written } from './canonical-json.js'

/**
 * The canonical JSON of one session's public states, one after the other. Snapshots share what did not
 * change between them, so only what is another object than the last time is written anew.
 */
export class StateText {
  readonly #users = new ListTexts<Participant>((user) => canonicalJson(userOf(user)))
  readonly #hiddenVotes = new ListTexts<Vote>((vote) => memberText(vote, hiddenVoteOf(vote)))
  readonly #revealedVotes = new ListTexts<Vote>((vote) => memberText(vote, revealedVoteOf(vote)))

  of(snapshot: SessionSnapshot): string {
    return canonicalJson(stateWith(snapshot, this))
  }

  readonly users = (participants: readonly Participant[]) =>
    new Written(`[${this.#users.of(participants).join(',')}]`)

  readonly votes = (round: Round) => {
    const texts = isRevealed(round) ? this.#revealedVotes : this.#hiddenVotes
    // In the order of the names, which have one length and stand first.
    return new Written(`{${[...texts.of(round.votes)].sort().join(',')}}`)
  }
}

/** The texts of a list's items. */
class ListTexts<Item> {
  readonly #write: (item: Item) => string
  #items: readonly Item[] = []
  #texts: readonly string[] = []

  constructor(write: (item: Item) => string) {
    this.#write = write
  }

  of(items: readonly Item[]): readonly string[] {
    if (items === this.#items) return this.#texts
    const before = this.#items
    const known = this.#texts
    this.#texts = items.map((item, index) => (item === before[index] && known[index]) || this.#write(item))
    this.#items = items
    return this.#texts
  }
}

function memberText({ userId }: Vote, view: object): string {
  return `${canonicalJson(userId)}:${canonicalJson(view)}`
}
