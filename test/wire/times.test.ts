import fc from 'fast-check'
import { iso } from '../../src/wire/project.js'

const NOW = 1_700_000_000_000
const LAST = 8_640_000_000_000_000

test('a time is written in ISO 8601 with milliseconds, whatever was written before it', () => {
  const near = fc.integer({ min: -2_000, max: 2_000 }).map((ms) => NOW + ms)
  const any = fc.integer({ min: -LAST, max: LAST })
  fc.assert(
    fc.property(fc.array(fc.oneof(near, any), { maxLength: 200 }), (times) => {
      expect(times.map(iso)).toEqual(times.map((at) => new Date(at).toISOString()))
    }),
  )
})

test('what is no time cannot be written', () => {
  expect(() => iso(Number.NaN)).toThrow(RangeError)
})
