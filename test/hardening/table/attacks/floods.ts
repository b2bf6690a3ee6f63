import { strict as assert } from 'node:assert'
import { randomUUID } from 'node:crypto'
import { type Attack, family } from '../attack.js'
import { memberOf, Target } from '../target.js'

/** As many of a thing at once as one address can open. */
function open(count: number, of: (target: Target) => string) {
  return async (target: Target) => {
    for (const socket of await target.connections(count, of(target))) socket.resume()
    await target.wait()
  }
}

/** One after the other, for as long as it lasts. */
async function over(target: Target, once: () => Promise<unknown>, atOnce = 4): Promise<void> {
  const line = async () => {
    while (target.isOn) await once()
  }
  await Promise.all(Array.from({ length: atOnce }, line))
}

const JOINING = { user_name: 'Eve', user_avatar: 'owl' }
const CREATING = { name: 'Mine', creator_name: 'Eve', creator_avatar: 'owl' }

/** Why: what anybody may do once, somebody does a thousand times. */
export const FLOODS: readonly Attack[] = [
  ...family('floods', {
    'connections of one address': open(1_500, () => ''),
    'connections that keep alive': open(1_500, (target) => target.octets('GET', '/health')),
    'streams of one address': open(600, (target) => streamOf(target, target.sessionId)),
    'waiting polls of one address': open(600, (target) =>
      target.octets('GET', `/api/sessions/${target.sessionId}/events?after=99999&wait_seconds=25`),
    ),
    'waiting polls that every event answers': async (target) => {
      const path = `/api/sessions/${target.sessionId}/events?after=3&wait_seconds=25`
      await target.repeat(target.octets('GET', path), { connections: 50, each: 1 })
    },
    'streams that come and go': (target) =>
      over(
        target,
        async () => {
          const socket = await target.connection(streamOf(target, target.sessionId)).catch(() => null)
          await new Promise((resolve) => setTimeout(resolve, 3))
          socket?.destroy()
        },
        20,
      ),
    'HEAD of streams': (target) => target.repeat(target.octets('HEAD', `/api/sse/${target.sessionId}`)),
    'HEAD of everything': (target) =>
      target.repeat((round) =>
        target.octets('HEAD', ['/health', '/docs', '/openapi.json', '/nowhere'][round % 4] ?? '/'),
      ),
    OPTIONS: (target) => target.repeat(target.octets('OPTIONS', '/api/sessions')),
    'methods that nobody knows': (target) => target.repeat(target.octets('PROPFIND', '/api/sessions')),
    'lists of sessions': (target) => target.repeat(target.octets('GET', '/api/sessions')),
    'the viewer of /docs': (target) =>
      target.repeat(target.octets('GET', '/docs/swagger-ui-bundle.js'), { connections: 4, each: 1 }),
    'addresses that there are not': (target) =>
      target.repeat(target.octets('GET', `/${'nowhere/'.repeat(50)}`)),
    'health, livez, readyz': (target) =>
      target.repeat((round) =>
        target.octets('GET', ['/health', '/livez', '/readyz', '/api/health/capacity'][round % 4] ?? '/'),
      ),
    'tokens that nobody has': (target) =>
      target.repeat(() =>
        target.octets('POST', `/api/sessions/${target.sessionId}/vote`, {
          token: randomUUID(),
          body: { vote: '5' },
        }),
      ),
    'joins of somebody else’s session': (target) =>
      over(target, () => target.ask('POST', `/api/sessions/${target.sessionId}/join`, { body: JOINING }), 2),
    'kicks by a newcomer': async (target) => {
      const joined = await target.ask('POST', `/api/sessions/${target.sessionId}/join`, { body: JOINING })
      const [token, mine] = [memberOf(joined, 'user_token'), memberOf(joined, 'user_id')]
      const session = await target.ask('GET', `/api/sessions/${target.sessionId}`)
      const leader = memberOf(session, 'scrum_master_id')
      await target.repeat((round) =>
        target.octets(
          'POST',
          round % 2 === 0
            ? `/api/sessions/${target.sessionId}/kick/${leader}`
            : `/api/sessions/${target.sessionId}/transfer?new_master_id=${mine}&current_master_id=${leader}`,
          { token },
        ),
      )
      const after = await target.ask('GET', `/api/sessions/${target.sessionId}`)
      if (after !== '') assert.equal(memberOf(after, 'scrum_master_id'), leader)
    },
  }),
  ...family('churn', {
    'sessions that are made and ended': (target) =>
      over(
        target,
        async () => {
          const created = await target.ask('POST', '/api/sessions', { body: CREATING })
          const [id, token] = [memberOf(created, 'session_id'), memberOf(created, 'user_token')]
          if (id !== '') await target.ask('DELETE', `/api/sessions/${id}`, { token })
        },
        1,
      ),
    'sessions that are made and never joined': (target) =>
      over(target, async () => target.owns(await target.ask('POST', '/api/sessions', { body: CREATING })), 2),
    'people who join and leave': async (target) => {
      const { sessionId } = await target.ownTable()
      await over(target, async () => {
        const joined = await target.ask('POST', `/api/sessions/${sessionId}/join`, { body: JOINING })
        const token = memberOf(joined, 'user_token')
        if (token !== '') await target.ask('POST', `/api/sessions/${sessionId}/leave`, { token })
      })
    },
    'people who join and leave somebody else’s session': (target) =>
      over(
        target,
        async () => {
          const path = `/api/sessions/${target.sessionId}`
          const joined = await target.ask('POST', `${path}/join`, { body: JOINING })
          const token = memberOf(joined, 'user_token')
          if (token !== '') await target.ask('POST', `${path}/leave`, { token })
        },
        2,
      ),
    'somebody who reconnects': async (target) => {
      const { sessionId, token } = await target.ownTable({ seats: 16 })
      await target.repeat(target.octets('POST', `/api/sessions/${sessionId}/reconnect`, { token, body: {} }))
    },
    'a heart that races': async (target) => {
      const { sessionId, token } = await target.ownTable()
      await target.repeat(target.octets('GET', `/api/mobile/${sessionId}/heartbeat`, { token }))
    },
    'a phone that optimises': async (target) => {
      const { sessionId, token } = await target.ownTable()
      await target.repeat((round) =>
        target.octets('POST', `/api/mobile/${sessionId}/optimize?battery_level=${round % 100}`, { token }),
      )
    },
    'a leader who pauses and resumes': async (target) => {
      const { sessionId, token } = await target.ownTable({ seats: 16 })
      await target.repeat((round) =>
        target.octets('POST', `/api/sessions/${sessionId}/${round % 2 === 0 ? 'pause' : 'resume'}`, {
          token,
        }),
      )
    },
    'rounds without a pause, with streams': async (target) => {
      const { sessionId, token } = await target.ownTable({ seats: 16 })
      for (const socket of await target.connections(100, streamOf(target, sessionId))) socket.resume()
      const steps = ['start', 'vote', 'reveal'] as const
      await target.repeat((round) => {
        const step = steps[round % 3] ?? 'start'
        return target.octets('POST', `/api/sessions/${sessionId}/${step}`, {
          token,
          ...(step === 'vote' ? { body: { vote: '5' } } : {}),
        })
      })
    },
    'tabs that throw each other out': async (target) => {
      const { sessionId, token } = await target.ownTable()
      const octets = target.octets('GET', `/api/sse/${sessionId}`, { token })
      while (target.isOn) {
        for (const socket of await target.connections(12, octets)) socket.resume()
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    'a Scrum Master who comes and goes': async (target) => {
      const { sessionId, members } = await target.ownTable({ seats: 8 })
      await over(
        target,
        async () => {
          const sockets = await Promise.all(
            members.map(({ token }) =>
              target.connection(target.octets('GET', `/api/sse/${sessionId}`, { token })).catch(() => null),
            ),
          )
          await new Promise((resolve) => setTimeout(resolve, 20))
          for (const socket of sockets) socket?.destroy()
        },
        1,
      )
    },
  }),
  ...family(
    'seats and places',
    {
      'every place taken by one address, with a bound for each': async (target) => {
        for (let count = 0; count < 6; count += 1) {
          target.owns(await target.ask('POST', '/api/sessions', { body: CREATING }))
        }
        const { status } = await honestCreate(target)
        assert.equal(status, 201)
      },
    },
    { environment: { MAX_SESSIONS: '6', MAX_SESSIONS_PER_ADDRESS: '3' } },
  ),
  ...family(
    'out of descriptors',
    {
      'more connections than files': async (target) => {
        const sockets = await target.connections(400, target.octets('GET', '/health'))
        await target.wait()
        for (const socket of sockets) socket.destroy()
      },
    },
    { isDirect: true, environment: { MAX_CONNECTIONS_PER_ADDRESS: '60' }, descriptorsMax: 128 },
  ),
]

function streamOf(target: Target, sessionId: string): string {
  return target.octets('GET', `/api/sse/${sessionId}`)
}

/** Somebody at another address, who has done nothing. */
async function honestCreate(target: Target): Promise<{ readonly status: number | null }> {
  const other = new Target({ ...target, door: { ...target.door, from: '127.0.0.77' } })
  const created = await other.ask('POST', '/api/sessions', { body: CREATING })
  target.owns(created)
  return { status: created === '' ? null : Number(created.slice(9, 12)) }
}
