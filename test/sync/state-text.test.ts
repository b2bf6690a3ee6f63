import type { Participant, Round, Vote } from '../../machines/session/context.js'
import type { SessionRules } from '../../machines/session/rules.js'
import { StateChecksums, stateChecksum } from '../../src/sync/checksum.js'
import { StateText } from '../../src/sync/state-text.js'
import { publicState } from '../../src/wire/project.js'
import { ADA, BOB, CYD, type Untimed } from '../support/chart.js'
import { REVEAL, start, tableOf, vote } from '../support/table.js'

const withdraw = (by: typeof ADA): Untimed => ({ type: 'vote.withdraw', by })

/** Cards come in a different order from their voters', change, go and are turned; then another round. */
const STEPS: readonly Untimed[] = [
  start(),
  vote(CYD, '8'),
  vote(ADA, '5'),
  vote(BOB, '3'),
  vote(ADA, '13'),
  withdraw(CYD),
  vote(CYD, '1'),
  REVEAL,
  vote(BOB, '5'),
  start(),
  vote(BOB, '2'),
  REVEAL,
  start(),
  vote(CYD, '2'),
  vote(BOB, '2'),
  { type: 'participant.leave', by: BOB },
  vote(ADA, '2'),
]

describe('the text of a session’s states', () => {
  test.each<Partial<SessionRules>>([{ allowsVoteAfterReveal: true }, { hasAnonymousVotes: true }])(
    'is that of the whole state after every step, %j',
    (rules) => {
      const chart = tableOf(rules)
      const checksums = new StateChecksums()
      const made = STEPS.map((step) => {
        const snapshot = chart.send(step).actor.getSnapshot()
        expect(checksums.of(snapshot)).toBe(stateChecksum(publicState(snapshot)))
        return checksums.of(snapshot)
      })
      expect(new Set(made).size).toBeGreaterThanOrEqual(STEPS.length - 1)
    },
  )

  test('rewrites people only when their list has changed', () => {
    let reads = 0
    const counted = (participant: Participant): Participant =>
      Object.defineProperty({ ...participant }, 'name', {
        enumerable: true,
        get: () => {
          reads += 1
          return participant.name
        },
      })
    const text = new StateText()
    const participants = tableOf().context.participants.map(counted)
    const before = reads
    const first = text.users(participants)
    expect(text.users(participants)).toEqual(first)
    expect(reads - before).toBe(3)
    text.users([...participants])
    expect(reads - before).toBe(6)
  })

  test('rewrites a card only when another takes its place, or it is turned', () => {
    let reads = 0
    const counted = (cast: Vote): Vote =>
      Object.defineProperty({ ...cast }, 'submittedAt', {
        enumerable: true,
        get: () => {
          reads += 1
          return cast.submittedAt
        },
      })
    const { round } = tableOf().send(start(), vote(ADA), vote(BOB), vote(CYD)).context
    const [ada, bob, cyd] = (round?.votes ?? []).map(counted)
    if (round === null || ada === undefined || bob === undefined || cyd === undefined)
      throw new Error('no cards')
    const text = new StateText()
    const readsFor = (votes: readonly Vote[], members: Partial<Round> = {}) => {
      const before = reads
      text.votes({ ...round, votes, ...members })
      return reads - before
    }
    expect(readsFor([ada, bob])).toBe(2)
    expect(readsFor([ada, bob])).toBe(0)
    expect(readsFor([ada, bob, cyd])).toBe(1)
    expect(readsFor([ada, bob, cyd], { revealedAt: 0 })).toBe(3)
    expect(readsFor([ada, cyd], { revealedAt: 0 })).toBe(2)
  })
})
