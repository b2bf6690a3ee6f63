import { hash } from 'node:crypto'
import { sessionMachine } from '../../machines/session/machine.js'
import { SEMANTICS, semanticsOf } from '../../machines/session/semantics.js'
import {
  birthOf,
  birthText,
  commandOf,
  commandText,
  idOf,
  snapshotOf,
  snapshotText,
} from '../../src/log/redis/entry.js'
import {
  type Migration,
  migrated,
  OtherRelease,
  PERSISTED_SHAPE,
  UnreadableSession,
} from '../../src/runtime/persisted-session.js'
import { SessionReplica } from '../../src/runtime/session-replica.js'
import { stateJson } from '../../src/sync/state-digest.js'
import { ADA, SESSION, SETTINGS, TOKEN_DIGEST } from '../support/chart.js'

/*
 * What another release has written: it is migrated if we know how, and left alone if we do not.
 */

const INPUT = {
  id: SESSION,
  name: 'Sprint',
  creator: { id: ADA, name: 'Ada', avatar: 'fox' },
  tokenDigest: TOKEN_DIGEST,
  at: 0,
  settings: SETTINGS,
}
const PLACE = { ms: 0, seq: 1 }

const of = (semantics?: number) => ({
  input: semantics === undefined ? INPUT : { ...INPUT, semantics },
  address: '',
})
const replicaOf = (from: ConstructorParameters<typeof SessionReplica>[0]) =>
  new SessionReplica(from, { machine: sessionMachine, eventLogSize: 16 })
const entry = (text: string) => ({ place: PLACE, nonce: '', text })
const withOtherShape = (text: string) => JSON.stringify({ ...JSON.parse(text), v: 99 })

describe('a session', () => {
  test('is carried out with the semantics it was created with, from its first entry and from a snapshot', () => {
    const birth = birthOf(entry(birthText(of(SEMANTICS.max))))
    expect(semanticsOf(birth.input)).toBe(SEMANTICS.max)
    const snapshot = replicaOf(birth).persisted()
    expect(semanticsOf(replicaOf(migrated(JSON.parse(JSON.stringify(snapshot)))).birth.input)).toBe(
      SEMANTICS.max,
    )
  })

  test('that was created before there were semantics has the first', () => {
    const birth = birthOf(entry(birthText(of())))
    expect(semanticsOf(birth.input)).toBe(1)
    if (SEMANTICS.min === 1) expect(replicaOf(birth).persisted().birth.input.semantics).toBeUndefined()
  })

  test.each([
    ['earlier', SEMANTICS.min - 1],
    ['later', SEMANTICS.max + 1],
  ])('of %s semantics than are served here is left to a release that serves them', (_when, semantics) => {
    expect(() => replicaOf(of(semantics))).toThrow(OtherRelease)
    const snapshot = replicaOf(of(SEMANTICS.max)).persisted()
    expect(() => replicaOf({ ...snapshot, birth: of(semantics) })).toThrow(`semantics ${semantics}`)
  })
})

describe('a text of an unknown shape', () => {
  test('is not guessed at: a first entry, a command, the wrapper of a snapshot', () => {
    const { body } = snapshotText({ nonces: [], session: replicaOf(of()).persisted() })
    const other = withOtherShape(body)
    const sum = hash('sha256', other).slice(0, 16)
    expect(() => snapshotOf(`${idOf(PLACE)} ${sum} ${other}`)).toThrow(OtherRelease)
    const command = commandText({ type: 'tick', at: 0 }, undefined)
    expect(() => birthOf(entry(withOtherShape(birthText(of()))))).toThrow(OtherRelease)
    expect(() => commandOf(entry(withOtherShape(command)))).toThrow(OtherRelease)
    expect(commandOf(entry(command)).command).toEqual({ type: 'tick', at: 0 })
  })

  test('is not guessed at: a snapshot', () => {
    const session = replicaOf(of()).persisted()
    for (const shape of [0, PERSISTED_SHAPE + 1]) {
      const { sum, body } = snapshotText({ nonces: [], session: { ...session, shape } })
      expect(() => snapshotOf(`${idOf(PLACE)} ${sum} ${body}`)).toThrow(OtherRelease)
    }
  })

  test('is told apart from a damaged one', () => {
    const { body } = snapshotText({ nonces: [], session: replicaOf(of()).persisted() })
    const reasonOf = (read: () => unknown) => {
      try {
        read()
      } catch (error) {
        return new UnreadableSession(error).reason
      }
      return null
    }
    expect(reasonOf(() => replicaOf(of(SEMANTICS.max + 1)))).toBe('other_release')
    expect(reasonOf(() => birthOf(entry(withOtherShape(birthText(of())))))).toBe('other_release')
    expect(reasonOf(() => birthOf(entry('{')))).toBe('broken')
    expect(reasonOf(() => snapshotOf(`${idOf(PLACE)} 0123456789abcdef ${body}`))).toBe('broken')
  })
})

describe('a snapshot of an older shape', () => {
  const today = () => replicaOf(of()).persisted()
  /** As if digests had had another name two shapes ago, and there had been no marks. */
  const written = () => {
    const { credentials, marks: _, ...rest } = today()
    return JSON.parse(JSON.stringify({ ...rest, shape: PERSISTED_SHAPE - 2, digests: credentials }))
  }
  const renamed: Migration = ({ digests, ...rest }) => ({ ...rest, credentials: digests })
  const marked: Migration = (older) => ({ ...older, marks: [] })

  test('becomes one of today, step by step, and the session continues as the one it was written from', () => {
    const steps = { [PERSISTED_SHAPE - 2]: renamed, [PERSISTED_SHAPE - 1]: marked }
    const found = migrated(written(), steps)
    expect(found).toEqual(JSON.parse(JSON.stringify(today())))
    const replica = replicaOf(found)
    expect(replica.credentials.entries()).toEqual([[ADA, TOKEN_DIGEST]])
    expect(stateJson(replica.snapshot)).toBe(stateJson(replicaOf(of()).snapshot))
  })

  test('for which a step is missing is left alone', () => {
    expect(() => migrated(written(), { [PERSISTED_SHAPE - 2]: renamed })).toThrow(OtherRelease)
  })
})
