import { isServed, SEMANTICS, semanticsOf } from '../../../machines/session/semantics.js'
import { Chart } from '../../support/chart.js'

describe('the semantics of a session', () => {
  test('are the first version where it has no number', () => {
    expect(semanticsOf({})).toBe(1)
    expect(semanticsOf({ semantics: 7 })).toBe(7)
  })

  test.each([
    [1, undefined],
    [2, 2],
  ])('%p: its context has %p', (semantics, expected) => {
    const { context } = new Chart({}, {}, semantics)
    expect(context.semantics).toBe(expected)
    expect('semantics' in context).toBe(expected !== undefined)
  })

  test.each([
    [SEMANTICS.min - 1, false],
    [SEMANTICS.min, true],
    [SEMANTICS.max, true],
    [SEMANTICS.max + 1, false],
  ])('%d: this release executes them: %s', (semantics, expected) => {
    expect(isServed({ semantics })).toBe(expected)
  })
})
