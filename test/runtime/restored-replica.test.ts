import fc from 'fast-check'
import type { SessionCommand } from '../../machines/session/commands.js'
import { participantOf } from '../../machines/session/context.js'
import { sessionMachine } from '../../machines/session/machine.js'
import { SEMANTICS } from '../../machines/session/semantics.js'
import { timersOf } from '../../machines/session/timers.js'
import { tokenDigest } from '../../src/runtime/credentials.js'
import { migrated } from '../../src/runtime/persisted-session.js'
import { SessionReplica } from '../../src/runtime/session-replica.js'
import { stateJson } from '../../src/sync/state-digest.js'
import { anyStep, type Step } from '../support/arbitraries.js'
import { ADA, MINUTE_MS, SESSION, SETTINGS } from '../support/chart.js'
import { repeatsStoryId } from '../support/estimation-arbitraries.js'
import { fragile } from '../support/fragile-chart.js'

const OPTIONS = { machine: sessionMachine, eventLogSize: 256 }
const BIRTH = {
  input: {
    id: SESSION,
    name: 'Sprint',
    creator: { id: ADA, name: 'Ada', avatar: 'fox' },
    tokenDigest: tokenDigest('of ada'),
    at: 0,
    semantics: SEMANTICS.max,
    settings: { ...SETTINGS, participantsMax: 4, idleMs: 60 * MINUTE_MS, lifeMs: 24 * 60 * MINUTE_MS },
  },
  address: '192.0.2.1',
}

/** What is there after a restart: the text that was written. */
function restored(text: string, options = OPTIONS): SessionReplica {
  return new SessionReplica(migrated(JSON.parse(text)), options)
}

/** The entry that a step of a history makes at this time; `null`: its ids are not new. */
function entryOf(step: Step, replica: SessionReplica, at: number): SessionCommand | null {
  if ('wait' in step) return { type: 'tick', at }
  const { context } = replica.snapshot
  const { command } = step
  if (repeatsStoryId(context, command)) return null
  if (command.type !== 'participant.join') return { ...command, at }
  const isKnown = participantOf(context, command.userId) !== undefined
  return isKnown ? null : { ...command, at, tokenDigest: tokenDigest(`of ${command.userId}`) }
}

function framesOf({ log }: SessionReplica, after: number): string[] {
  return (log.since(after) ?? []).map(({ frame }) => frame.toString())
}

const CHECKPOINT = 16
const ENTRIES = 160

test('a replica restored at any checkpoint equals the one that never stopped: its bytes, timers, frames and people', () => {
  let compared = 0
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: ENTRIES, maxLength: ENTRIES }), (history) => {
      const original = new SessionReplica(BIRTH, OPTIONS)
      const later: { readonly replica: SessionReplica; readonly from: number }[] = []
      let at = 0
      for (const [index, step] of history.entries()) {
        if (index % CHECKPOINT === 0) {
          const replica = restored(JSON.stringify(original.persisted()))
          later.push({ replica, from: original.log.last })
        }
        at += 'wait' in step ? step.wait : 1
        const entry = entryOf(step, original, at)
        if (entry === null) continue
        const { type } = original.apply(entry)
        const bytes = stateJson(original.snapshot)
        for (const { replica } of later) {
          expect(replica.apply(JSON.parse(JSON.stringify(entry))).type).toBe(type)
          if (stateJson(replica.snapshot) !== bytes) expect(stateJson(replica.snapshot)).toBe(bytes)
          expect(timersOf(replica.snapshot)).toEqual(timersOf(original.snapshot))
          compared += 1
        }
      }
      for (const { replica, from } of later) {
        expect(replica.log.last).toBe(original.log.last)
        expect(framesOf(replica, from)).toEqual(framesOf(original, from))
        expect(replica.credentials.entries()).toEqual(original.credentials.entries())
      }
    }),
    { numRuns: 25 },
  )
  expect(compared).toBeGreaterThan(5_000)
}, 120_000)

test('an entry that failed is skipped when it is carried out again', () => {
  const extend: SessionCommand = { type: 'session.extend', at: 5, by: ADA }
  const entries: SessionCommand[] = [{ ...extend, at: 1 }, extend, { ...extend, at: 9 }]
  const { machine, fuse } = fragile('extend')
  const first = new SessionReplica(BIRTH, { ...OPTIONS, machine })
  const again = new SessionReplica(BIRTH, { ...OPTIONS, machine })
  for (const replica of [first, again]) {
    const outcomes = entries.map((entry) => {
      fuse.isLit = entry === extend
      return replica.apply(entry).type
    })
    expect(outcomes).toEqual(['done', 'failed', 'done'])
  }
  expect(stateJson(again.snapshot)).toBe(stateJson(first.snapshot))
  expect(again.log.last).toBe(2)
})
