import { randomInt } from 'node:crypto'
import fc from 'fast-check'
import type { SessionCommand } from '../../machines/session/commands.js'
import { participantOf } from '../../machines/session/context.js'
import { sessionMachine } from '../../machines/session/machine.js'
import { SEMANTICS } from '../../machines/session/semantics.js'
import { nextTimer, timersOf } from '../../machines/session/timers.js'
import { tokenDigest } from '../../src/runtime/credentials.js'
import { migrated } from '../../src/runtime/persisted-session.js'
import { SessionReplica } from '../../src/runtime/session-replica.js'
import { anyStep, type Step } from '../support/arbitraries.js'
import { ADA, MINUTE_MS, SESSION, SETTINGS } from '../support/chart.js'
import { repeatsStoryId } from '../support/estimation-arbitraries.js'

/*
 * A session that is restored at every checkpoint, and one that never stops. `CHECKPOINT_STEPS=1000000 npx
 * jest test/runtime/checkpoints` takes a million steps, in four minutes; `CHECKPOINT_SEED`, which every run
 * prints, repeats the same ones.
 */

const STEPS = Number(process.env['CHECKPOINT_STEPS'] ?? '50000')
const SEED = Number(process.env['CHECKPOINT_SEED'] ?? randomInt(2 ** 31))
/** Entries between two checkpoints. */
const CHECKPOINT = 64
/** Four minutes for a million, and as much again for a busy machine. */
const TIMEOUT_MS = 60_000 + STEPS * 2

const OPTIONS = { machine: sessionMachine, eventLogSize: 256 }
const BIRTH = {
  input: {
    id: SESSION,
    name: 'Sprint',
    creator: { id: ADA, name: 'Ada', avatar: 'fox' },
    tokenDigest: tokenDigest('of ada'),
    at: 0,
    semantics: SEMANTICS.max,
    settings: { ...SETTINGS, participantsMax: 4, idleMs: 60 * MINUTE_MS, lifeMs: 240 * MINUTE_MS },
  },
  address: '',
}

/** The entry that a step makes at this time; `null`: its ids are not new. */
function entryOf(step: Step, { snapshot: { context } }: SessionReplica, at: number): SessionCommand | null {
  // Now and then the log's clock was set ahead.
  if ('wait' in step) return { type: 'tick', at, upTo: step.wait === 80_000 ? at - step.wait : at }
  const { command } = step
  if (repeatsStoryId(context, command)) return null
  if (command.type !== 'participant.join') return { ...command, at }
  if (participantOf(context, command.userId) !== undefined) return null
  return { ...command, at, tokenDigest: tokenDigest(`of ${command.userId}`) }
}

const textOf = (replica: SessionReplica) => JSON.stringify(replica.persisted())

test(
  'a session restored at every checkpoint equals the one that never stopped: its bytes, and when its timers are due',
  () => {
    process.stderr.write(`checkpoints: CHECKPOINT_SEED=${SEED}\n`)
    const met = { restored: 0, fired: 0, heardWhenDue: 0, ended: 0 }
    let never = new SessionReplica(BIRTH, OPTIONS)
    let again = new SessionReplica(BIRTH, OPTIONS)
    let at = 0
    let entries = 1
    const steps = fc.array(fc.tuple(anyStep, fc.boolean()), { minLength: CHECKPOINT, maxLength: CHECKPOINT })
    for (let taken = 0, sample = 0; taken < STEPS; sample += 1) {
      for (const [step, isTicked] of fc.sample(steps, { numRuns: 1, seed: SEED + sample }).flat()) {
        at += 'wait' in step ? step.wait : 1
        taken += 1
        const due = nextTimer(never.snapshot)?.dueAt ?? Number.POSITIVE_INFINITY
        // What is due may wait for a tick, and commands may overtake it.
        const entry = 'wait' in step && !isTicked ? null : entryOf(step, never, at)
        if (entry === null) continue
        if (due <= at && entry.type === 'tick') met.fired += 1
        if (due <= at && entry.type !== 'tick') met.heardWhenDue += 1
        const { type } = never.apply(entry)
        expect(again.apply(JSON.parse(JSON.stringify(entry))).type).toBe(type)
        entries += 1
        const text = textOf(never)
        if (textOf(again) !== text) expect(textOf(again)).toBe(text)
        const timers = timersOf(never.snapshot)
        if (JSON.stringify(timersOf(again.snapshot)) !== JSON.stringify(timers))
          expect(timersOf(again.snapshot)).toEqual(timers)
        if (entries % CHECKPOINT === 0) {
          again.stop()
          again = new SessionReplica(migrated(JSON.parse(text)), OPTIONS)
          met.restored += 1
          expect(textOf(again)).toBe(text)
          expect(timersOf(again.snapshot)).toEqual(timers)
        }
        if (!never.hasEnded) continue
        met.ended += 1
        ;[never, again] = [new SessionReplica(BIRTH, OPTIONS), new SessionReplica(BIRTH, OPTIONS)]
        ;[at, entries] = [0, 1]
      }
    }
    process.stderr.write(`checkpoints: ${JSON.stringify(met)}\n`)
    for (const [what, count] of Object.entries(met))
      expect([what, count > STEPS / 10_000]).toEqual([what, true])
  },
  TIMEOUT_MS,
)
