import { continueTrace, traceparentOf } from '../../src/platform/trace-context.js'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'
const own = () => 'aaaaaaaaaaaaaaaa'

test('a trace is continued: the same trace, a span of our own, the same flags', () => {
  const trace = continueTrace(`00-${TRACE}-${PARENT}-01`, own)
  expect(trace).toEqual({ traceId: TRACE, spanId: own(), flags: '01' })
  expect(trace && traceparentOf(trace)).toBe(`00-${TRACE}-${own()}-01`)
})

test('a later version with more fields is read as far as we know it', () => {
  expect(continueTrace(`01-${TRACE}-${PARENT}-01-more`, own)?.traceId).toBe(TRACE)
})

test.each([
  ['nothing', undefined],
  ['an empty one', ''],
  ['no trace id', `00-${'0'.repeat(32)}-${PARENT}-01`],
  ['no parent id', `00-${TRACE}-${'0'.repeat(16)}-01`],
  ['the forbidden version', `ff-${TRACE}-${PARENT}-01`],
  ['upper case', `00-${TRACE.toUpperCase()}-${PARENT}-01`],
  ['more fields than version 00 has', `00-${TRACE}-${PARENT}-01-more`],
  ['too short a trace id', `00-${TRACE.slice(1)}-${PARENT}-01`],
  ['something else', 'Robert"); DROP TABLE'],
])('is ignored: %s', (_name, header) => {
  expect(continueTrace(header, own)).toBeNull()
})
