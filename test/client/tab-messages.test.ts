import { isTabMessage } from '../../src/client/tab-messages.js'

const frame = { type: 'session_paused', state_version: 3, state_checksum: null, data: {} }

test.each([
  [{ type: 'who' }],
  [{ type: 'wake' }],
  [{ type: 'line', connection: 'polling', isLeased: false }],
  [{ type: 'frame', frame, isFirst: true }],
  [{ type: 'chose', at: 1, key: 'key' }],
  [{ type: 'laid', submittedAt: '2026-01-31T09:30:00.000Z', card: '5' }],
  [{ type: 'laid', submittedAt: '2026-01-31T09:30:00.000Z', card: '5', later: 'members are of no concern' }],
])('%j is a message between tabs', (message) => {
  expect(isTabMessage(message)).toBe(true)
})

test.each([
  [null],
  [undefined],
  ['who'],
  [{}],
  [{ type: 'line' }],
  [{ type: 'line', connection: 'closed', isLeased: true }],
  [{ type: 'line', connection: 'polling', isLeased: 'yes' }],
  [{ type: 'frame', frame: {}, isFirst: true }],
  [{ type: 'frame', frame }],
  [{ type: 'frame', frame: { ...frame, state_version: -1 }, isFirst: false }],
  [{ type: 'chose', at: '1', key: 'key' }],
  [{ type: 'chose', at: 1 }],
  [{ type: 'laid', card: '5' }],
  [{ type: 'dance' }],
])('%j is no message: a page of another build may send anything', (message) => {
  expect(isTabMessage(message)).toBe(false)
})
