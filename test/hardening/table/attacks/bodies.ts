import { strict as assert } from 'node:assert'
import { type Attack, family } from '../attack.js'
import type { Target } from '../target.js'

/** Creations with one odd member, several at once, which are refused and change nothing. */
function created(member: string, value: unknown) {
  return async (target: Target) => {
    const body = { name: 'Sprint', creator_name: 'Eve', creator_avatar: 'fox', [member]: value }
    await refused(target, '/api/sessions', body)
  }
}

/** @throws when it is accepted, or fails */
async function refused(target: Target, path: string, body: unknown): Promise<void> {
  const answers = await Promise.all(Array.from({ length: 20 }, () => target.ask('POST', path, { body })))
  for (const answer of answers) target.owns(answer)
  const statuses = answers.map((answer) => Number(answer.slice(9, 12)))
  assert.deepEqual(
    statuses.filter((status) => status < 400 || status >= 500),
    [],
  )
}

/** Somebody's reconnections with an odd client state. */
function reconnected(state: string) {
  return async (target: Target) => {
    const { sessionId, token } = await target.ownTable()
    const path = `/api/sessions/${sessionId}/reconnect`
    const request = target.octets('POST', path, { token, body: `{"client_state":${state}}` })
    await target.repeat(request, { connections: 4, each: 1 })
  }
}

async function addedStories(target: Target, body: string): Promise<void> {
  const { sessionId, token } = await target.ownTable()
  const octets = target.octets('POST', `/api/sessions/${sessionId}/stories`, { token, body })
  await target.repeat(octets, { connections: 4, each: 1 })
}

const MARKS = `a${'\u0301'.repeat(8_000)}${'\u0323'.repeat(8_000)}`
const many = (count: number, one: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => one(index)).join(',')

/** Why: input is judged by its size before anybody looks at what is in it. */
export const BODIES: readonly Attack[] = [
  ...family('giant and odd bodies', {
    'names of combining marks': created('name', MARKS),
    'names of combining marks, as escapes': (target) =>
      refused(
        target,
        '/api/sessions',
        `{"creator_name":"Eve","creator_avatar":"fox","name":"${'\\u0301'.repeat(2_500)}"}`,
      ),
    'names with thirty marks on each letter': created('creator_name', `a${'\u0301'.repeat(30)}`.repeat(500)),
    'names of joined emoji': created('creator_name', '\u{1f468}\u200d'.repeat(2_000)),
    'names of flags': created('name', '\u{1f1e6}'.repeat(3_900)),
    'names of Hangul jamo': created('name', '\u1100\u1161\u11a8'.repeat(1_700)),
    'names of ligatures': created('name', '\ufdfa'.repeat(5_000)),
    'names of white space': created('name', `${' '.repeat(15_000)}x`),
    'names of lone surrogates': created('name', '\ud800'.repeat(5_000)),
    'avatars of slashes and dots': created('creator_avatar', `a${'/a'.repeat(7_000)}//`),
    'avatars that are nearly addresses': created('creator_avatar', `https://${'a.'.repeat(7_000)}`),
    'avatars of emoji': created('creator_avatar', '\u{1f469}\u{1f3fd}\u200d'.repeat(900)),
    'votes of a kilobyte each': async (target) => {
      const { sessionId, token } = await target.ownTable()
      const request = target.octets('POST', `/api/sessions/${sessionId}/vote`, {
        token,
        body: { vote: 'x'.repeat(15_000) },
      })
      await target.repeat(request)
    },
    'JSON ten thousand deep': (target) =>
      refused(target, '/api/sessions', '['.repeat(8_000) + ']'.repeat(8_000)),
    'JSON of a thousand members': (target) =>
      refused(target, '/api/sessions', `{${many(1_200, (index) => `"m${index}":${index}`)}}`),
    'JSON of one member a thousand times': (target) =>
      refused(target, '/api/sessions', `{${many(1_200, () => '"name":[]')}}`),
    'JSON of prototypes': (target) =>
      refused(target, '/api/sessions', `{"__proto__":{"name":"x"},"constructor":{"prototype":{"name":"x"}}}`),
    'numbers of ten thousand digits': (target) =>
      refused(target, '/api/sessions', `{"name":${'9'.repeat(10_000)}}`),
    'bodies of a mebibyte': async (target) => {
      const body = `{"name":"${'x'.repeat(1_000_000)}"}`
      while (target.isOn) {
        const answers = await Promise.all(
          Array.from({ length: 4 }, () => target.ask('POST', '/api/sessions', { body })),
        )
        // The limit on requests may take effect before the one on bytes.
        for (const answer of answers) assert.match(answer, /^(?:HTTP\/1\.1 (?:413|429)|$)/)
      }
    },
    'stories that are a mebibyte of members': (target) =>
      addedStories(target, `{${many(90_000, (index) => `"m${index}":1`)}}`),
    'stories that are a mebibyte of brackets': (target) => addedStories(target, '['.repeat(1_000_000)),
    'stories with links of a mebibyte': (target) =>
      addedStories(target, `{"title":"x","link":"https://${'@'.repeat(1_000_000)}"}`),
    'bodies that are compressed': (target) => refused(target, '/api/sessions', '\u001f\u008b'.repeat(200)),
    'a state of sixty kilobytes of people': reconnected(
      `{"participants":[${many(1_500, (index) => `{"id":"${index}"}`)}]}`,
    ),
    'a state of votes': reconnected(
      `{"current_round":{"votes":{${many(2_000, (index) => `"${index}":{"value":"5"}`)}}}}`,
    ),
    'a state nested deeply': reconnected(`${'{"participants":['.repeat(1_500)}${']}'.repeat(1_500)}`),
    'a state with a name of marks': reconnected(`{"status":"${MARKS}","scrum_master_id":"${MARKS}"}`),
    'touches nested deeply': async (target) => {
      const { sessionId, token } = await target.ownTable()
      const body = `{"vote":"5","touch_coordinates":${'['.repeat(7_000)}${']'.repeat(7_000)}}`
      await target.repeat(target.octets('POST', `/api/mobile/${sessionId}/touch-vote`, { token, body }), {
        connections: 4,
      })
    },
  }),
]
