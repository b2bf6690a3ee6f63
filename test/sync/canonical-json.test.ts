import fc from 'fast-check'
import { canonicalJson, canonicalWriter, Written } from '../../src/sync/canonical-json.js'

describe('canonical JSON (RFC 8785)', () => {
  test('sorts members by UTF-16 code units (section 3.2.3)', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    }
    expect(canonicalJson(value).match(/[A-Z][^"]+(?=")/g)).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ])
  })

  test.each([
    [Number('333333333.33333329'), '333333333.3333333'],
    [1e30, '1e+30'],
    [4.5, '4.5'],
    [2e-3, '0.002'],
    [0.000000000000000000000000001, '1e-27'],
    [-0, '0'],
    [5e-324, '5e-324'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [9007199254740992, '9007199254740992'],
  ])('writes the number %d as ECMAScript does (appendix B)', (number, text) => {
    expect(canonicalJson(number)).toBe(text)
  })

  test('escapes only what must be', () => {
    expect(canonicalJson('\u20ac$\u000f\nA\'B"\\\\"/')).toBe('"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"')
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, undefined, () => 1, 1n, '\ud800', { a: ['\udead'] }])(
    '%p has no canonical form',
    (value) => {
      expect(() => canonicalJson(value)).toThrow(TypeError)
    },
  )

  test.each([
    [Number.NaN, 'NaN is no JSON number'],
    [Number.NEGATIVE_INFINITY, '-Infinity is no JSON number'],
    [undefined, 'undefined is no JSON value'],
    [() => 1, 'function is no JSON value'],
    ['\ud800', 'a text holds a lone surrogate'],
  ])('%p has no canonical form, and the error says why', (value, message) => {
    expect(() => canonicalJson([value])).toThrow(message)
  })

  test.each([
    [true, 'true'],
    [false, 'false'],
    [null, 'null'],
    ['', '""'],
    [[], '[]'],
    [{}, '{}'],
    [[[1, 'a'], { b: null }], '[[1,"a"],{"b":null}]'],
    [{ b: 1, a: undefined, c: { '': 2 } }, '{"b":1,"c":{"":2}}'],
    [{ '"': 1, '\n': 2, 'ä €': 3, 'a b': 4 }, '{"\\n":2,"\\"":1,"a b":4,"ä €":3}'],
  ])('%j is %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text)
  })

  test.each([1, 2, 15, 16, 17, 40])('sorts %d names, whatever their order', (count) => {
    const names = Array.from({ length: count }, (_, n) => `${(n * 7) % count} ${n}`)
    const text = canonicalJson(Object.fromEntries(names.map((name) => [name, 0])))
    expect(text).toBe(`{${[...names].sort().map((name) => `"${name}":0`)}}`)
  })

  test('is the same from a writer that knows the names beforehand, in any order', () => {
    const names = fc.uniqueArray(fc.string({ unit: 'grapheme' }), { maxLength: 20 })
    fc.assert(
      fc.property(names, fc.array(fc.option(fc.jsonValue(), { nil: undefined })), (all, values) => {
        const value = Object.fromEntries(all.map((name, place) => [name, values[place]]))
        expect(canonicalWriter(all)(value)).toBe(canonicalJson(value))
        expect(canonicalWriter([...all].reverse())(value)).toBe(canonicalJson(value))
      }),
    )
  })

  test('parses to the same value, whatever the order of the members', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(canonicalJson(JSON.parse(text))).toBe(text)
        expect(canonicalJson(reversed(value))).toBe(text)
        expect(canonicalJson({ a: [new Written(text)] })).toBe(`{"a":[${text}]}`)
      }),
    )
  })
})

/** The same value with its members in reverse order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  )
}
