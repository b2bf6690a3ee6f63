import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import type { AnyEnvelope } from '../../src/client/client.js'
import { FIGURES, figureOf, figureOfName } from '../../src/web/parts/figure-of.js'
import { ticksOf, worthOf } from '../../src/web/parts/ruler.js'
import { placeOf } from '../../src/web/place.js'
import { type PastRound, paceOf } from '../../src/web/stories/pace.js'
import { isByPerson } from '../../src/web/table/activity.js'
import { TYPING_MS, TypedCard } from '../../src/web/table/typed-card.js'
import { DE } from '../../src/web/words/de.js'
import { DE_BESIDE } from '../../src/web/words/de-beside.js'
import { EN } from '../../src/web/words/en.js'
import { EN_BESIDE } from '../../src/web/words/en-beside.js'
import { languageFor } from '../../src/web/words/languages.js'
import type { Message } from '../../src/web/words/message.js'
import { anyHistory, play } from '../support/arbitraries.js'
import { Chart } from '../support/chart.js'
import { propertyRuns } from '../support/property-runs.js'

const MAGNAPP = ['1', '2', '3', '5', '8', '13', '21', 'coffee']
const SIZES = ['XS', 'S', 'M', 'L', 'XL', 'XXL', '?', 'coffee']

describe('an address', () => {
  test.each([
    ['/', { type: 'start' }],
    ['/s/abc', { type: 'session', id: 'abc' }],
    ['/s/abc/', { type: 'session', id: 'abc' }],
    ['/r/Payments', { type: 'room', room: 'payments' }],
    ['/s', { type: 'nowhere' }],
    ['/s/a/b', { type: 'nowhere' }],
    ['/other', { type: 'nowhere' }],
    ['/r/%E0%A4%A', { type: 'room', room: '%e0%a4%a' }],
  ])('%s leads to %j', (path, place) => {
    expect(placeOf(path)).toEqual(place)
  })
})

describe('keys', () => {
  const typed = (keys: readonly (readonly [string, number])[], cards = MAGNAPP) => {
    const card = new TypedCard()
    return keys.map(([key, atMs]) => card.press(key, cards, atMs)?.card ?? null)
  }
  test('name a card by its text, never by its position', () => {
    expect(typed([['5', 0]])).toEqual(['5'])
    expect(typed([['4', 0]])).toEqual([null])
  })
  test('pressed in quick succession are one number, others are not', () => {
    expect(
      typed([
        ['1', 0],
        ['3', TYPING_MS - 1],
      ]),
    ).toEqual(['1', '13'])
    expect(
      typed([
        ['1', 0],
        ['3', TYPING_MS],
      ]),
    ).toEqual(['1', '3'])
    expect(
      typed([
        ['2', 0],
        ['5', 100],
      ]),
    ).toEqual(['2', '5'])
  })
  test('may begin words: c is coffee, and x is XS until an L follows', () => {
    expect(typed([['c', 0]])).toEqual(['coffee'])
    expect(
      typed(
        [
          ['x', 0],
          ['l', 100],
        ],
        SIZES,
      ),
    ).toEqual(['XS', 'XL'])
    expect(
      typed(
        [
          ['x', 0],
          ['x', 100],
          ['l', 200],
        ],
        SIZES,
      ),
    ).toEqual(['XS', 'XXL', 'XXL'])
    expect(typed([['?', 0]], SIZES)).toEqual(['?'])
  })
  test.each([
    ['1', MAGNAPP, true],
    ['2', MAGNAPP, true],
    ['13', MAGNAPP, false],
    ['5', MAGNAPP, false],
    ['c', MAGNAPP, false],
    ['x', SIZES, true],
    ['xl', SIZES, false],
  ])('after %s of %j, another card may follow: %s', (keys, cards, isOpen) => {
    const card = new TypedCard()
    expect([...keys].map((key) => card.press(key, cards, 0)?.isOpen).at(-1)).toBe(isOpen)
  })
})

describe('the idle time', () => {
  /** Events of people's commands that may as well come from a timer or a stream, or that end the table. */
  const SHARED = ['user_joined', 'votes_revealed', 'session_resumed', 'session_expired']

  test('is restarted by whatever the page takes for a person’s doing, and by nothing else that can be told', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const chart = new Chart()
        for (const step of history) {
          // So that a command which restarts the idle time moves its end.
          chart.wait(1).newSteps()
          const before = chart.context.idleDeadline
          play(chart, step)
          for (const [index, { snapshot, events }] of chart.newSteps().entries()) {
            const isRestarted = index === 0 && snapshot.context.idleDeadline > before
            const isSeen = events.some((event) =>
              isByPerson({ ...event, data: event } as unknown as AnyEnvelope),
            )
            const isShared = !isSeen && SHARED.includes(events[0]?.type ?? '')
            if (!isShared) expect(isSeen).toBe(isRestarted)
          }
        }
      }),
      { numRuns: propertyRuns(400) },
    )
  })
})

describe('the ruler', () => {
  test('has as many minor ticks between two cards as numbers lie between them', () => {
    const between = (index: number) =>
      ticksOf(MAGNAPP, index).filter((percent) => percent > 50).length +
      ticksOf(MAGNAPP, index + 1).filter((percent) => percent < 50).length
    expect(MAGNAPP.slice(0, 7).map((_, index) => between(index))).toEqual([0, 0, 1, 2, 4, 7, 0])
    expect(ticksOf(MAGNAPP, 4)).toEqual([70, 90, 16.67])
  })
  test('lets a tick stand for ten where there would be too many', () => {
    expect(ticksOf(['40', '100'], 0).length + ticksOf(['40', '100'], 1).length).toBe(5)
  })
  test.each([
    ['½', 0.5],
    ['13', 13],
    ['2.5', 2.5],
    ['XS', null],
    ['?', null],
  ])('a card %s is worth %s', (card, worth) => {
    expect(worthOf(card)).toBe(worth)
  })
})

describe('a figure', () => {
  test('is the chosen one, or derived from whatever another client sends as an avatar', () => {
    expect(figureOf('figure-7', 'Ada')).toBe(6)
    for (const avatar of ['figure-0', 'figure-17', 'fox', '🦊', 'https://example.com/ada.png']) {
      const figure = figureOf(avatar, 'Ada')
      expect(figure).toBe(figureOf(avatar, 'Ada'))
      expect(figure).toBeGreaterThanOrEqual(0)
      expect(figure).toBeLessThan(FIGURES)
    }
    expect(figureOfName(' Ada ')).toBe(figureOfName('Ada'))
  })
})

describe('the pace of a meeting', () => {
  const at = (minute: number) => new Date(minute * 60_000).toISOString()
  const round = (title: string, minute: number, seconds = 60): PastRound => ({
    story: { id: null, title, link: null },
    started_at: at(minute),
    duration_seconds: seconds,
  })
  test('is that of the median story, including talk and further rounds but not breaks', () => {
    const rounds = [round('a', 0), round('a', 2), round('b', 4), round('c', 8), round('d', 70, 240)]
    expect(paceOf(rounds, 6, 100 * 60_000)).toEqual({ minutesEach: 4, doneAt: 125 * 60_000 })
  })
  test('is unknown after one story, and not needed when nothing is left', () => {
    expect(paceOf([round('a', 0), round('a', 3)], 5, 0)).toBeNull()
    expect(paceOf([round('a', 0), round('b', 3)], 0, 0)).toBeNull()
    expect(paceOf([], 5, 0)).toBeNull()
  })
})

describe('the catalogue', () => {
  const forms = (message: Message) => (typeof message === 'string' ? [message] : Object.values(message))
  const places = (message: Message) => [
    ...new Set(forms(message).flatMap((form) => [...form.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))),
  ]
  const english: Readonly<Record<string, Message>> = { ...EN, ...EN_BESIDE }
  const german: Readonly<Record<string, Message>> = { ...DE, ...DE_BESIDE }
  test.each(Object.keys(english))('says %s in German with the same placeholders', (key) => {
    expect(places(german[key] ?? '').sort()).toEqual(places(english[key] ?? '').sort())
  })
  test('has each text once, and the table’s script uses none of the later ones', () => {
    expect(Object.keys(EN).filter((key) => key in EN_BESIDE)).toEqual([])
    const said = sourcesOfTheTable().flatMap((source) => source.match(/(?<=['"`])\w+(?=['"`])/g) ?? [])
    expect(said).toContain('openATable')
    expect(said.filter((key) => key in EN_BESIDE)).toEqual([])
  })

  /** The sources of the page's first script, which knows none of the texts that only the second uses. */
  function sourcesOfTheTable(): string[] {
    const web = join(__dirname, '../../src/web')
    const read = new Set<string>()
    const follow = (file: string) => {
      if (read.has(file)) return
      read.add(file)
      // Not `import(…)`, which is the second script.
      const imports = readFileSync(file, 'utf8').matchAll(/^(?:import|export) [^;]*?from '(\.[^']+)\.js'/gm)
      for (const [, path = ''] of imports) {
        const found = ['.ts', '.tsx'].map((ending) => join(file, '..', path + ending)).find(existsSync)
        if (found?.startsWith(web)) follow(found)
      }
    }
    follow(join(web, 'main.tsx'))
    return [...read].filter((file) => !file.includes('/words/')).map((file) => readFileSync(file, 'utf8'))
  }
  test('speaks the first of somebody’s languages that it knows', () => {
    expect(languageFor(['fr-FR', 'de-AT', 'en'])).toBe('de')
    expect(languageFor(['fr', 'ja'])).toBe('en')
  })
})
