import { strict as assert } from 'node:assert'
import { randomUUID } from 'node:crypto'
import { type Attack, family } from '../attack.js'
import { memberOf, Target } from '../target.js'

const CREATING = { name: 'Mine', creator_name: 'Eve', creator_avatar: 'owl' }

/** Somebody else, at another address. */
function stranger(target: Target): Target {
  return new Target({ ...target, door: { ...target.door, from: '127.0.0.78' } })
}

/** Sends a limited request with a field that is different each time. */
function evading(fields: (round: number) => readonly string[]) {
  return async (target: Target) => {
    const statuses: (number | null)[] = []
    for (let round = 0; round < 75; round += 1) {
      statuses.push(await target.status('POST', '/api/sessions', { body: {}, fields: fields(round) }))
    }
    assert.ok(statuses.includes(429), 'the limit of creates was never met')
  }
}

/** Why: a key is its maker's secret, and an address is what the socket says. */
export const KEYS: readonly Attack[] = [
  ...family('idempotency keys', {
    'of somebody else, with the same body': async (target) => {
      const fields = ['Idempotency-Key: 0123456789abcdef']
      const created = await target.ask('POST', '/api/sessions', { body: CREATING, fields })
      target.owns(created)
      const guessed = await stranger(target).ask('POST', '/api/sessions', { body: CREATING, fields })
      target.owns(guessed)
      const token = memberOf(created, 'user_token')
      assert.ok(token !== '' && !guessed.includes(token), 'a guessed key gave a token away')
    },
    'that are short': async (target) => {
      for (const key of ['1', 'a', '0123456789abcde', '']) {
        const answer = await target.ask('POST', '/api/sessions', {
          body: CREATING,
          fields: [`Idempotency-Key: ${key}`],
        })
        target.owns(answer)
        if (key !== '') assert.equal(answer.slice(9, 12), '422', key)
      }
    },
    'in thousands, each with a large answer to keep': async (target) => {
      const { sessionId, token } = await target.ownTable({ seats: 16 })
      await target.repeat(() =>
        target.octets('POST', `/api/sessions/${sessionId}/reconnect`, {
          token,
          body: {},
          fields: [`Idempotency-Key: ${randomUUID()}`],
        }),
      )
    },
    'in thousands, on what is refused': (target) =>
      target.repeat(() =>
        target.octets('POST', `/api/sessions/${target.sessionId}/join`, {
          body: {},
          fields: [`Idempotency-Key: ${randomUUID()}${'k'.repeat(90)}`],
        }),
      ),
    'with another body each time': async (target) => {
      const { sessionId, token } = await target.ownTable()
      await target.repeat((round) =>
        target.octets('POST', `/api/sessions/${sessionId}/reconnect`, {
          token,
          body: { client_state: { state_version: round } },
          fields: ['Idempotency-Key: the-same-key-every-time'],
        }),
      )
    },
  }),
  ...family('evading the limits', {
    'with X-Forwarded-For': evading((round) => [`X-Forwarded-For: 10.1.${round}.1`]),
    'with several X-Forwarded-For': evading((round) => [
      `X-Forwarded-For: 10.2.${round}.1`,
      `X-Forwarded-For: 10.3.${round}.1, 10.4.1.1`,
    ]),
    'with X-Forwarded-For and a port': evading((round) => [`X-Forwarded-For: 10.5.0.1:${round}`]),
    'with X-Forwarded-For of IPv6': evading((round) => [`X-Forwarded-For: "[2001:db8:${round}::1]:80"`]),
    'with X-Forwarded-For of nonsense': evading((round) => [`X-Forwarded-For: ,,unknown-${round},`]),
    'with Forwarded': evading((round) => [`Forwarded: for=10.6.${round}.1;proto=https`]),
    'with X-Real-IP and the like': evading((round) => [
      `X-Real-IP: 10.7.${round}.1`,
      `True-Client-IP: 10.7.${round}.1`,
      `CF-Connecting-IP: 10.7.${round}.1`,
      `X-Client-IP: 10.7.${round}.1`,
    ]),
    'with other Hosts': evading((round) => [`X-Forwarded-Host: host-${round}.example`]),
  }),
  ...family('cookies', {
    'of the session, tossed from a sibling host': async (target) => {
      const { sessionId, token } = await target.ownTable()
      const path = `/api/sessions/${sessionId}/extend`
      const fields = [`Cookie: magnapp_${sessionId}=made-up; magnapp_${sessionId}=${token}`]
      assert.equal(await target.status('POST', path, { fields }), 401)
    },
    'from pages of other origins': async (target) => {
      const { sessionId, token } = await target.ownTable()
      const host = target.door.secure === undefined ? '' : '__Host-'
      const cookie = `Cookie: ${host}magnapp_${sessionId}=${token}`
      for (const fields of [
        ['Origin: https://evil.example', 'Sec-Fetch-Site: cross-site'],
        ['Origin: null'],
        ['Sec-Fetch-Site: same-site'],
        ['Origin: https://sub.poker.example', 'Sec-Fetch-Site: same-site'],
      ]) {
        const status = await target.status('POST', `/api/sessions/${sessionId}/extend`, {
          fields: [cookie, ...fields],
        })
        assert.ok(status === 401 || status === 403, `${fields.join()}: ${status}`)
        const beat = await target.status('GET', `/api/mobile/${sessionId}/heartbeat`, {
          fields: [cookie, ...fields],
        })
        assert.ok(beat === 401 || beat === 403, `heartbeat, ${fields.join()}: ${beat}`)
      }
    },
  }),
]
