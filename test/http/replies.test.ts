import type { SessionId } from '../../machines/ids.js'
import {
  REPLIES_LENGTH_MAX,
  REPLIES_PER_OWNER_MAX,
  REPLY_TTL_MS,
  Replies,
  type Reply,
} from '../../src/http/idempotency/replies.js'

const reply = (at: number, body = '{}'): Reply => ({
  at,
  requestDigest: '',
  status: 200,
  location: null,
  body,
  sessionId: 'session' as SessionId,
  seat: null,
  hasSession: false,
})

describe('what is kept for idempotency keys is bounded', () => {
  test('in number, for each owner: the oldest goes', () => {
    const replies = new Replies()
    for (let n = 0; n <= REPLIES_PER_OWNER_MAX; n += 1) replies.keep('ada', `key ${n}`, reply(n))
    expect(replies.find('ada', 'key 0', 0)).toBeNull()
    expect(replies.find('ada', 'key 1', 0)).not.toBeNull()
  })

  test('in length, for all: those of the owner served longest ago go', () => {
    const replies = new Replies()
    const large = 'x'.repeat(REPLIES_LENGTH_MAX / 16)
    for (let n = 0; n < 40; n += 1) {
      replies.keep(`owner ${n}`, 'key', reply(n, large))
      expect(replies.length).toBeLessThanOrEqual(REPLIES_LENGTH_MAX)
    }
    expect(replies.find('owner 0', 'key', 0)).toBeNull()
    expect(replies.find('owner 39', 'key', 0)).not.toBeNull()
  })

  test('in time', () => {
    const replies = new Replies()
    replies.keep('ada', 'key', reply(0))
    expect(replies.find('ada', 'key', REPLY_TTL_MS)).not.toBeNull()
    expect(replies.find('ada', 'key', REPLY_TTL_MS + 1)).toBeNull()
  })

  test('and counted right, whatever is kept again or forgotten', () => {
    const replies = new Replies()
    for (const body of ['{}', '{"long":true}', '{}']) replies.keep('ada', 'key', reply(0, body))
    replies.forget('ada')
    expect(replies.length).toBe(0)
  })
})
