import fc from 'fast-check'
import { isJsonWithin } from '../../src/wire/json-size.js'

test('a value is judged as its JSON would be, at every limit', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.nat(60), (value, around) => {
      const bytes = Buffer.byteLength(JSON.stringify(value))
      for (const limit of [around, bytes - 1, bytes]) expect(isJsonWithin(value, limit)).toBe(bytes <= limit)
    }),
    { numRuns: 2_000 },
  )
})

test('what is too deep to be written is refused without throwing', () => {
  const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))
  expect(isJsonWithin(deep, 1_024)).toBe(false)
  expect(isJsonWithin({ wide: Array(100_000).fill(deep) }, 1_024)).toBe(false)
})
