import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SessionCommand } from '../../machines/session/commands.js'
import { DEADLINES } from '../../machines/session/deadlines.js'
import type { EndReason } from '../../machines/session/events.js'
import { SEMANTICS } from '../../machines/session/semantics.js'
import { timersOf } from '../../machines/session/timers.js'
import { birthOf, birthText, commandOf, commandText } from '../../src/log/redis/entry.js'
import { PERSISTED_SHAPE } from '../../src/runtime/persisted-session.js'
import { NOTICES } from '../../src/wire/events/notices.js'
import { EVENT_TYPES } from '../../src/wire/events.js'
import { fresh, type Golden, record, recorded } from './golden/files.js'
import { entriesIn, type Line, Replay } from './golden/replay.js'

/*
 * What sessions of this release and the previous one came to must be what they come to now: two releases
 * follow one log while one replaces the other. Red here: docs/scale.md, "Rolling upgrades".
 */

const FOLDER = join(__dirname, 'golden')
const SNAPSHOT_EVERY = 16

const golden = recorded(FOLDER)
const named = golden.map((one) => [`${one.name} of semantics ${one.semantics}`, one] as const)

/** Carries out the entries after the place reached, comparing after each. */
function expectToGoOn(
  replay: Replay,
  lines: readonly Line[],
  each: (replay: Replay) => void = () => {},
): void {
  const entries = entriesIn(lines)
  for (const [index, line] of lines.entries()) {
    const entry = entries[index]
    if (entry === undefined || entry.place.seq <= replay.place.seq) continue
    const outcome = replay.take(entry)
    expect(replay.line(entry, outcome)).toEqual(line)
    each(replay)
  }
}

function begun({ lines }: Golden): Replay {
  const [first] = entriesIn(lines)
  if (first === undefined) throw new Error('a log without an entry')
  const replay = Replay.from(first)
  expect(replay.line(first, null)).toEqual(lines[0])
  return replay
}

describe.each(named)('%s', (_name, session) => {
  test('ends up in the recorded states, entry by entry', () => {
    expectToGoOn(begun(session), session.lines)
  })

  test('ends up in the same states from a snapshot at any place', () => {
    const snapshots: string[] = []
    expectToGoOn(begun(session), session.lines, (replay) => {
      if (replay.place.seq % SNAPSHOT_EVERY === 0) snapshots.push(replay.snapshotText())
    })
    for (const text of snapshots) expectToGoOn(Replay.at(text), session.lines)
  })
})

const noted = named.filter(([, { snapshots }]) => snapshots.length > 0)

test.each(noted)('%s comes to the same from the snapshots on record, in whatever shape', (_name, session) => {
  for (const { texts } of session.snapshots) {
    for (const text of texts) expectToGoOn(Replay.at(text), session.lines)
  }
})

describe('what is written now', () => {
  const own = named.filter(([, { semantics }]) => semantics === SEMANTICS.max)

  test.each(own)('can be read by whatever reads %s: its entries', (_name, { lines }) => {
    const [first, ...others] = entriesIn(lines)
    if (first === undefined) throw new Error('a log without an entry')
    expect(birthText(birthOf(first))).toBe(first.text)
    for (const entry of others) {
      const { command, mark } = commandOf(entry)
      expect(commandText(command, mark)).toBe(entry.text)
    }
  })

  test.each(noted.filter(([, { semantics }]) => semantics === SEMANTICS.max))(
    'can be read by whatever reads %s: its snapshots, unless they have another shape',
    (_name, session) => {
      const texts = session.snapshots.find(({ shape }) => shape === PERSISTED_SHAPE)?.texts ?? []
      expect(texts.length).toBeGreaterThan(0)
      const bodies = new Map(texts.map((text) => [idIn(text), bodyIn(text)]))
      let compared = 0
      expectToGoOn(begun(session), session.lines, (replay) => {
        const now = replay.snapshotText()
        const body = bodies.get(idIn(now))
        if (body === undefined) return
        expect(bodyIn(now)).toEqual(body)
        compared += 1
      })
      expect(compared).toBe(bodies.size)
    },
  )
})

function idIn(text: string): string {
  return text.slice(0, text.indexOf(' '))
}

function bodyIn(text: string): unknown {
  return JSON.parse(text.slice(text.indexOf('{')))
}

describe('the record', () => {
  /** A command that is missing here does not compile. */
  const COMMANDS = {
    'participant.join': true,
    'participant.leave': true,
    'participant.kick': true,
    'participant.reconnect': true,
    'participant.nudge': true,
    'leadership.transfer': true,
    'round.start': true,
    'round.reveal': true,
    'round.extend': true,
    'round.accept': true,
    'vote.cast': true,
    'vote.withdraw': true,
    'settings.change': true,
    'role.change': true,
    'stories.add': true,
    'stories.patch': true,
    'stories.remove': true,
    'stories.order': true,
    'seat.offer': true,
    'seat.take': true,
    'session.pause': true,
    'session.resume': true,
    'session.extend': true,
    'session.end': true,
    'session.terminate': true,
    'mobile.optimize': true,
    'presence.streams': true,
    'presence.seen': true,
    'presence.heartbeat': true,
    'node.lost': true,
    'log.forked': true,
    tick: true,
  } as const satisfies Record<SessionCommand['type'], true>

  const END_REASONS = {
    timeout: true,
    ended: true,
    empty: true,
    deserted: true,
    life_over: true,
    failed: true,
  } as const satisfies Record<EndReason, true>

  /** Everything that happens in the sessions with these semantics. */
  function met(semantics: number) {
    const commands = new Set<string>()
    const events = new Set<string>()
    const timers = new Set<string>()
    const ends = new Set<string | null>()
    const outcomes = new Set<string>()
    for (const session of golden.filter((one) => one.semantics === semantics)) {
      const replay = begun(session)
      replay.watch((made) => {
        for (const { type } of made) events.add(type)
      })
      for (const entry of entriesIn(session.lines).slice(1)) {
        const waiting = timersOf(replay.snapshot)
        const { type } = replay.take(entry)
        const { command } = commandOf(entry)
        outcomes.add(type)
        if (type === 'done') commands.add(command.type)
        if (type !== 'done' || command.type !== 'tick') continue
        for (const { name, dueAt } of waiting) if (dueAt <= command.at) timers.add(name)
      }
      ends.add(replay.snapshot.context.endReason)
    }
    return { commands, events, timers, ends, outcomes }
  }

  const served = Array.from(
    { length: SEMANTICS.max - SEMANTICS.min + 1 },
    (_, index) => SEMANTICS.min + index,
  )

  test.each(served)('exists for semantics %d, which are served', (semantics) => {
    expect(golden.map((one) => one.semantics)).toContain(semantics)
  })

  test('covers every type of command, every type of event, every timer and every end', () => {
    const { commands, events, timers, ends, outcomes } = met(SEMANTICS.max)
    expect([...commands].sort()).toEqual(Object.keys(COMMANDS).sort())
    const notices = Object.keys(NOTICES)
    expect([...events].sort()).toEqual(EVENT_TYPES.filter((type) => !notices.includes(type)).sort())
    expect([...timers].sort()).toEqual(Object.keys(DEADLINES).sort())
    expect([...ends]).toEqual(expect.arrayContaining(Object.keys(END_REASONS)))
    expect([...outcomes].sort()).toEqual(['done', 'refused', 'repeated'])
  })

  test('is what recording the same sessions now would give', () => {
    const stale = [...fresh()].filter(([path, text]) => {
      const isSnapshot = path.endsWith('.txt')
      return !isSnapshot && readFileSync(join(FOLDER, path), 'utf8') !== text
    })
    expect(stale.map(([path]) => path)).toEqual([])
  })

  test('can be added to, and changed only explicitly', () => {
    const folder = mkdtempSync(join(tmpdir(), 'golden-'))
    try {
      const one = new Map([['semantics-1/one.jsonl', '1\n']])
      expect(record(folder, one, false)).toEqual([])
      writeFileSync(join(folder, 'semantics-1/one.jsonl'), '0\n')
      const both = new Map([...one, ['semantics-1/two.jsonl', '2\n']])
      expect(record(folder, both, false)).toEqual(['semantics-1/one.jsonl'])
      expect(readdirSync(join(folder, 'semantics-1'))).toEqual(['one.jsonl'])
      expect(record(folder, both, true)).toEqual(['semantics-1/one.jsonl'])
      expect(readFileSync(join(folder, 'semantics-1/one.jsonl'), 'utf8')).toBe('1\n')
      expect(readFileSync(join(folder, 'semantics-1/two.jsonl'), 'utf8')).toBe('2\n')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
