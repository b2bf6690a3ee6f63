import fc from 'fast-check'
import { requestText } from '../../src/http/idempotency/request-text.js'
import { propertyRuns } from '../support/property-runs.js'

const textOf = (body: unknown) =>
  requestText({ route: 'reconnect', sessionId: null, params: {}, query: {}, body })

/** Few values, so that two are often nearly the same. */
const VALUE = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, 0, 1, -1.5, '', 'a', '1', '0[', '0{,', '"', 'null'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', '0[', '__proto__'), tie('value'), { maxKeys: 3 }),
  ),
})).value

test('requests have the same text if their bodies have the same JSON, and only then', () => {
  fc.assert(
    fc.property(VALUE, VALUE, (one, other) => {
      expect(textOf(one) === textOf(other)).toBe(JSON.stringify(one) === JSON.stringify(other))
      expect(textOf(JSON.parse(JSON.stringify(one)))).toBe(textOf(one))
    }),
    { numRuns: propertyRuns(5_000) },
  )
})
