import fc from 'fast-check'
import { hasTooManyParts, PARTS_MAX } from '../../src/http/json-structure.js'

const COST_MS_MAX = 30
const MIB = 1_048_576
/** Makes a body long enough to be inspected. */
const PADDING = ' '.repeat(70_000)

describe('a long body', () => {
  test.each<[string, string]>([
    ['members', `{${Array.from({ length: 100_000 }, (_, index) => `"${index}":1`).join()}}`],
    ['lists', `[${'[],'.repeat(MIB / 3)}1]`],
    ['lists in lists', '['.repeat(MIB / 2)],
    ['objects', `[${'{},'.repeat(MIB / 3)}1]`],
  ])('of too many %s is refused unparsed, at little cost', (_what, text) => {
    const times = Array.from({ length: 10 }, () => {
      const startedAt = performance.now()
      expect(hasTooManyParts(text)).toBe(true)
      return performance.now() - startedAt
    })
    // Other work on the machine can only make it take longer, never shorter.
    expect(Math.min(...times)).toBeLessThan(COST_MS_MAX)
  })

  test.each<[string, string]>([
    [
      'text with brackets and quotes in it',
      JSON.stringify({ notes: '[{"a": "b"}, \\" {{ : '.repeat(20_000) }),
    ],
    ['backslashes', JSON.stringify({ notes: '\\'.repeat(MIB / 2) })],
    [
      'two hundred stories',
      JSON.stringify({
        stories: Array(200).fill({ title: 't', link: null, notes: ': [x](y) "'.repeat(150) }),
      }),
    ],
  ])('of %s is', (_what, text) => {
    expect(hasTooManyParts(text)).toBe(false)
  })

  test('has as many parts as parsing it finds', () => {
    const partsOf = (value: unknown): number => {
      if (Array.isArray(value)) return 1 + value.reduce<number>((sum, one) => sum + partsOf(one), 0)
      if (typeof value !== 'object' || value === null) return 0
      return Object.values(value).reduce<number>((sum, one) => sum + 1 + partsOf(one), 1)
    }
    fc.assert(
      fc.property(fc.json(), (text) => {
        const parts = partsOf(JSON.parse(text))
        const copies = Math.ceil(PARTS_MAX / Math.max(1, parts)) + 1
        const many = `[${Array(copies).fill(text).join()}]${PADDING}`
        expect(hasTooManyParts(many)).toBe(1 + copies * parts > PARTS_MAX)
      }),
      { numRuns: 50 },
    )
  })
})

test('a short body is never inspected', () => {
  expect(hasTooManyParts('['.repeat(65_536))).toBe(false)
})
