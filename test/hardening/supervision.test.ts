import fc from 'fast-check'
import { assign } from 'xstate'
import { sessionMachine } from '../../machines/session/machine.js'
import { accept, record } from '../../machines/session/record.js'
import { Api, type Person } from '../support/api.js'
import { fragile } from '../support/fragile-chart.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { TestStream } from '../support/sse.js'

let server: InProcess | null = null
const streams: TestStream[] = []

afterEach(async () => {
  for (const stream of streams.splice(0)) stream.close()
  await server?.stop()
  server = null
})

async function open(url: string, person: Person): Promise<TestStream> {
  const stream = new TestStream(url, person.sessionId, { token: person.token })
  streams.push(stream)
  return stream.untilType('session_updated')
}

const lastChecksum = (stream: TestStream) => {
  const last = stream.frames.at(-1)?.data
  return last.state_checksum
}

describe('a session actor that throws', () => {
  test('is restarted: its streams are told, get the whole state, and the versions continue', async () => {
    const { machine, fuse } = fragile('castVote')
    server = await startInProcess({ machine })
    const api = new Api(server.url)
    const [ada, sibling] = [await api.create(), await api.create()]
    const [stream, other] = [await open(server.url, ada), await open(server.url, sibling)]
    await api.command(ada, 'start')
    fuse.isLit = true
    const path = `/api/sessions/${ada.sessionId}/vote`
    expect((await api.post(path, { by: ada, body: { vote: '5' } })).status).toBe(500)
    await stream.untilType('state_sync_required')
    await api.command(ada, 'vote', { vote: '8' })
    await stream.untilType('vote_submitted')
    expect(stream.frames.slice(1).map(({ id, data }) => [id, data.type, data.state_version])).toEqual([
      ['1', 'voting_started', 1],
      [undefined, 'error_recovery_needed', 1],
      ['1', 'state_sync_required', 1],
      ['2', 'vote_submitted', 2],
    ])
    expect(stream.raw).not.toMatch(/id: \d+\ndata: \{"type":"error_recovery_needed"/)
    await api.command(sibling, 'start')
    await other.untilType('voting_started')
    expect(other.types).toEqual(['session_updated', 'voting_started'])
    expect(server.log()).toMatch(
      /"session_id":"[^"]+".*"fault":"INTERNAL_SERVER_ERROR".*session actor failed/,
    )
    expect(server.services.supervisor.faults).toBe(1)
  })

  test('keeps its timers: the restored grace period still ends', async () => {
    const { machine, fuse } = fragile('extend')
    const environment = {
      DISCONNECT_DEBOUNCE_SECONDS: '0.05',
      GRACE_PERIOD_MINUTES: '0.01',
      GRACE_WARNING_MINUTES: '0.01',
    }
    server = await startInProcess({ machine, environment })
    const api = new Api(server.url)
    const ada = await api.create()
    const bob = await api.join(ada.sessionId)
    const [leading, watching] = [await open(server.url, ada), await open(server.url, bob)]
    leading.close()
    await watching.untilType('grace_period_started')
    fuse.isLit = true
    await api.post(`/api/sessions/${ada.sessionId}/extend`, { by: bob })
    await watching.untilType('grace_period_ended')
    expect((await api.session(ada.sessionId)).scrum_master_id).toBe(bob.userId)
  })

  test('more than three times a minute ends that session, and no other', async () => {
    const { machine, fuse } = fragile('extend')
    server = await startInProcess({ machine })
    const api = new Api(server.url)
    const [ada, sibling] = [await api.create(), await api.create()]
    const stream = await open(server.url, ada)
    for (let failure = 0; failure < 4; failure += 1) {
      fuse.isLit = true
      expect((await api.post(`/api/sessions/${ada.sessionId}/extend`, { by: ada })).status).toBe(500)
    }
    await stream.untilClosed()
    expect(stream.frames.at(-1)?.data).toMatchObject({ type: 'session_expired', data: { reason: 'failed' } })
    expect((await api.request(`/api/sessions/${ada.sessionId}`)).status).toBe(404)
    await api.command(sibling, 'extend')
  })

  test('at a random command, 200 times: nobody loses an event, everybody converges', async () => {
    const { machine, fuse } = fragile('castVote')
    // Each failure has a session of its own, so that one session's restarts do not add up.
    server = await startInProcess({ machine, environment: { RATE_LIMITING: 'false', MAX_SESSIONS: '1000' } })
    const api = new Api(server.url)
    const sibling = await api.create('Sibling')
    const witness = await open(server.url, sibling)
    let witnessed = 0
    const url = server.url
    await fc.assert(
      fc.asyncProperty(fc.nat(7), async (failing) => {
        const ada = await api.create()
        const bob = await api.join(ada.sessionId)
        const own = [await open(url, ada), await open(url, bob)]
        await api.command(ada, 'start')
        for (let vote = 0; vote < 8; vote += 1) {
          fuse.isLit = vote === failing
          const path = `/api/sessions/${ada.sessionId}/vote`
          const answer = await api.post(path, { by: vote % 2 === 0 ? ada : bob, body: { vote: '5' } })
          expect(answer.status).toBe(vote === failing ? 500 : 200)
        }
        await api.command(sibling, 'extend')
        witnessed += 1
        const session = await api.session(ada.sessionId)
        for (const stream of own) {
          await stream.untilVersion(session.state_version)
          expect(stream.events.map(({ id }) => Number(id))).toEqual([2, 3, 4, 5, 6, 7, 8, 9])
          expect(lastChecksum(stream)).toBe(session.state_checksum)
          stream.close()
        }
        await api.request(`/api/sessions/${ada.sessionId}`, { method: 'DELETE', by: ada })
      }),
      { numRuns: 200 },
    )
    await witness.untilVersion(witnessed)
    expect(witness.events.map(({ id }) => Number(id))).toEqual(
      Array.from({ length: witnessed }, (_, index) => index + 1),
    )
    expect(server.services.supervisor.faults).toBe(200)
  }, 60_000)
})

describe('a step that cannot be projected', () => {
  /** The chart, whose extension leaves a session that cannot be shown while the fuse is lit. */
  function unshowable() {
    const fuse = { isLit: false }
    const machine = sessionMachine.provide({
      actions: {
        extend: assign(({ context, event }) => {
          const at = 'at' in event ? event.at : context.now
          const participants = fuse.isLit
            ? context.participants.map((participant) => ({ ...participant, joinedAt: Number.NaN }))
            : context.participants
          return record(accept({ ...context, participants }, at), {
            type: 'session_updated',
            reason: 'extended',
          })
        }),
      },
    })
    return { machine, fuse }
  }

  test('affects only itself: the previous state stands, is restarted and counted, and continues', async () => {
    const { machine, fuse } = unshowable()
    server = await startInProcess({ machine })
    const api = new Api(server.url)
    const ada = await api.create()
    const stream = await open(server.url, ada)
    const path = `/api/sessions/${ada.sessionId}/extend`
    fuse.isLit = true
    expect((await api.post(path, { by: ada })).body.error_code).toBe('INTERNAL_SERVER_ERROR')
    fuse.isLit = false
    await api.command(ada, 'extend')
    await api.command(ada, 'start')
    await stream.untilType('voting_started')
    expect(stream.events.map(({ id, data }) => [id, data.type])).toEqual([
      ['1', 'session_updated'],
      ['2', 'voting_started'],
    ])
    expect(server.services.supervisor.faults).toBe(1)
    expect(server.services.telemetry.actorRestarts).toBe(1)
    expect(lastChecksum(stream)).toBe((await api.session(ada.sessionId)).state_checksum)
  })

  test('again and again ends the session: no zombie, no place taken, no uncaught exception', async () => {
    const { machine, fuse } = unshowable()
    server = await startInProcess({ machine, environment: { MAX_SESSIONS: '1' } })
    const api = new Api(server.url)
    const ada = await api.create()
    const stream = await open(server.url, ada)
    fuse.isLit = true
    for (let failure = 0; failure < 4; failure += 1) {
      expect((await api.post(`/api/sessions/${ada.sessionId}/extend`, { by: ada })).status).toBe(500)
    }
    await stream.untilClosed()
    expect((await api.request(`/api/sessions/${ada.sessionId}`)).body.context.expired).toBe(true)
    await api.create('The next')
    expect(server.services.supervisor.capacity).toEqual({ active: 1, max: 1 })
  })

  test('in a timer is a fault of that session like any other', async () => {
    const { machine, fuse } = fragile('lapse')
    server = await startInProcess({ machine, environment: { DISCONNECT_DEBOUNCE_SECONDS: '0.05' } })
    const api = new Api(server.url)
    const ada = await api.create()
    const bob = await api.join(ada.sessionId)
    const [leading, watching] = [await open(server.url, ada), await open(server.url, bob)]
    fuse.isLit = true
    leading.close()
    // It failed once, was restarted, and is told again what it did not take in.
    await watching.untilType('grace_period_started')
    expect(server.services.supervisor.faults).toBe(1)
  })

  test('a report that meets a failing actor is not lost: it is told again of the stream that closed meanwhile', async () => {
    const { machine, fuse } = fragile('reportStreams')
    server = await startInProcess({ machine, environment: { DISCONNECT_DEBOUNCE_SECONDS: '0.05' } })
    const api = new Api(server.url)
    const ada = await api.create()
    const bob = await api.join(ada.sessionId)
    const [leading, watching] = [await open(server.url, ada), await open(server.url, bob)]
    fuse.isLit = true
    leading.close()
    await watching.untilType('grace_period_started')
    expect(fuse.isLit).toBe(false)
  })
})

describe('a reader that throws', () => {
  test('is cut and counted, and the others get everything', async () => {
    server = await startInProcess()
    const api = new Api(server.url)
    const ada = await api.create()
    const stream = await open(server.url, ada)
    const [host] = server.services.supervisor.sessions()
    let isCut = false
    const fail = () => {
      throw new Error('the reader')
    }
    host?.readers.add({
      userId: null,
      flush: fail,
      notify: fail,
      resync: fail,
      profileChanged: fail,
      end: fail,
      destroy: () => {
        isCut = true
      },
    })
    await api.command(ada, 'start')
    await stream.untilType('voting_started')
    expect(isCut).toBe(true)
    expect(server.services.telemetry.readersFailed).toBe(1)
    expect(server.services.supervisor.faults).toBe(0)
    await api.command(ada, 'vote', { vote: '5' })
    await stream.untilType('vote_submitted')
    expect(server.services.telemetry.readersFailed).toBe(1)
  })
})
