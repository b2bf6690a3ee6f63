import { strict as assert } from 'node:assert'
import { randomUUID } from 'node:crypto'
import { type AnyActorRef, type AnyTransitionDefinition, createActor } from 'xstate'
import type { UserId } from '../../machines/ids.js'
import type { SessionCommand } from '../../machines/session/commands.js'
import type { SessionContext, SessionSettings } from '../../machines/session/context.js'
import {
  type SessionActor,
  type SessionSnapshot,
  sessionMachine,
  statusOf,
} from '../../machines/session/machine.js'
import { SEMANTICS } from '../../machines/session/semantics.js'
import type { SessionStatus } from '../../machines/session/status.js'
import { nextTimer } from '../../machines/session/timers.js'
import { rulesWish, type SettingsBody } from '../../src/wire/settings.js'
import { type Answer, Api, type Person } from '../support/api.js'
import { ADA, NO_TIMERS, SESSION, TOKEN_DIGEST, type Untimed } from '../support/chart.js'
import type { InProcess } from '../support/in-process.js'
import type { SimulatedClock } from '../support/simulated-clock.js'
import { TestStream } from '../support/sse.js'
import { isTimer, type PathEvent, STEP_MS, type TimerEvent } from './chart-paths.js'
import { EstimationRequests } from './estimation-requests.js'

/** What a session starts with. */
export interface SessionStart {
  readonly settings: SessionSettings
  readonly wish: SettingsBody
}

/** What a step did, as a client sees it. */
export interface Step {
  readonly from: SessionStatus
  readonly on: string
  readonly to: SessionStatus
  readonly events: readonly string[]
}

/**
 * One session twice: as a bare actor of the chart, and on the server, over HTTP. Both run on the same
 * clock, get the same input, and must then be in the same state and have made the same events.
 */
export class Twin {
  /** The transitions that the chart has taken, including those without an event. */
  readonly taken = new Set<AnyTransitionDefinition>()
  readonly #server: InProcess
  readonly #clock: SimulatedClock
  readonly #api: Api
  readonly #people = new Map<UserId, Person>()
  readonly #streams = new Map<UserId, TestStream>()
  readonly #actor: SessionActor
  readonly #made: string[] = []
  readonly #estimation: EstimationRequests
  #version = 0

  private constructor(server: InProcess, clock: SimulatedClock, start: SessionStart) {
    this.#server = server
    this.#clock = clock
    this.#api = new Api(server.url)
    this.#estimation = new EstimationRequests(this.#api)
    const { settings, wish } = start
    const rules = rulesWish(wish)
    const creator = { id: ADA, name: ADA, avatar: 'fox' }
    this.#actor = createActor(sessionMachine, {
      clock: NO_TIMERS,
      input: {
        id: SESSION,
        name: 'Sprint',
        creator,
        tokenDigest: TOKEN_DIGEST,
        at: clock.now(),
        settings,
        rules,
        semantics: SEMANTICS.max,
      },
      inspect: (event) => {
        if (event.type === '@xstate.microstep') for (const one of event._transitions) this.taken.add(one)
      },
    })
    let seen = 0
    this.#actor.subscribe(({ context }) => {
      this.#made.push(...context.events.filter(({ version }) => version > seen).map(({ type }) => type))
      seen = context.version
    })
    this.#actor.start()
  }

  /** A new session of Ada's; ends whatever was on the server. */
  static async create(server: InProcess, clock: SimulatedClock, start: SessionStart): Promise<Twin> {
    endAll(server, clock)
    const twin = new Twin(server, clock, start)
    twin.#people.set(ADA, await twin.#api.create('Sprint', ADA, { settings: start.wish }))
    return twin
  }

  get snapshot(): SessionSnapshot {
    return this.#actor.getSnapshot()
  }

  /** Does the same to both, and compares them. */
  async step(event: PathEvent, isLast: boolean): Promise<Step> {
    const from = statusOf(this.snapshot)
    const watcher = isLast && event.type !== 'session.terminate' ? await this.#open() : null
    this.#made.length = 0
    if (isTimer(event)) this.#letTimePass(event)
    else await this.#carryOut(event)
    const to = statusOf(this.snapshot)
    const step = { from, on: event.type, to, events: [...this.#made] }
    await this.#compare(step, watcher)
    watcher?.close()
    return step
  }

  /** Sends a command that the chart does not accept. @returns the server's answer */
  async refused(command: Untimed): Promise<Answer> {
    const answer = await this.#request(command)
    await this.#compare(
      { from: statusOf(this.snapshot), to: statusOf(this.snapshot), on: command.type, events: [] },
      null,
    )
    return answer
  }

  /** Closes all streams, so that the session can give up its slot. */
  async close(): Promise<void> {
    this.#actor.stop()
    for (const stream of this.#streams.values()) stream.close()
    while (this.#server.services.streams.count > 0) await new Promise((resolve) => setImmediate(resolve))
  }

  get #sessionId(): string {
    return this.#person(ADA).sessionId
  }

  #person(id: UserId): Person {
    const person = this.#people.get(id)
    if (person === undefined) throw new Error(`${id} has not joined`)
    return person
  }

  /** Advances to the next timer; whatever else is due then fires as well, as on the server. */
  #letTimePass(event: TimerEvent): void {
    const next = nextTimer(this.snapshot)
    // It was due, and fired, together with the one before.
    if (next?.event.type !== event.type) return
    this.#clock.increment(next.dueAt - this.#clock.now())
    const actor: AnyActorRef = this.#actor
    for (;;) {
      const timer = nextTimer(this.snapshot)
      if (timer === null || timer.dueAt > this.#clock.now()) break
      actor.send(timer.event)
    }
    actor.send({ type: 'tick', at: this.#clock.now() })
  }

  async #carryOut(command: SessionCommand): Promise<void> {
    switch (command.type) {
      case 'presence.streams':
        this.#clock.increment(STEP_MS)
        if (command.open === 1) await this.#openStream(command.userId)
        else await this.#closeStream(command.userId)
        break
      case 'presence.seen':
        this.#clock.increment(STEP_MS)
        await this.#prove(command.userId)
        break
      case 'presence.heartbeat':
        this.#clock.increment(STEP_MS)
        await this.#api.request(`/api/mobile/${this.#sessionId}/heartbeat`, {
          by: this.#person(command.userId),
        })
        break
      case 'node.lost':
      case 'log.forked':
        this.#clock.increment(STEP_MS)
        for (const host of this.#server.services.supervisor.sessions())
          host.propose({ ...command, at: this.#clock.now() })
        break
      case 'session.terminate':
        endAll(this.#server, this.#clock)
        break
      default: {
        this.#clock.increment(STEP_MS)
        const { status, text, body } = await this.#request(command)
        assert.ok(status < 300, `${command.type}: ${text}`)
        if (command.type === 'participant.join')
          this.#people.set(command.userId, {
            sessionId: this.#sessionId,
            userId: body.user_id,
            token: body.user_token,
          })
      }
    }
    this.#actor.send({ ...command, at: this.#clock.now() })
  }

  /** A request that proves somebody's identity, and is refused. */
  async #prove(userId: UserId): Promise<void> {
    const by = this.#person(userId)
    const path = `/api/sessions/${this.#sessionId}/transfer?new_master_id=${randomUUID()}`
    const { status } = await this.#api.post(path, { by })
    assert.ok(status === 403 || status === 404, String(status))
  }

  #request(command: Untimed): Promise<Answer> {
    const api = this.#api
    const at = `/api/sessions/${this.#sessionId}`
    const by = 'by' in command ? this.#person(command.by) : undefined
    const options = by === undefined ? {} : { by }
    const idOf = (id: UserId) => this.#person(id).userId
    const estimating = this.#estimation.send(command, at, { ...options, idOf })
    if (estimating !== null) return estimating
    switch (command.type) {
      case 'participant.join':
        return api.post(`${at}/join`, { body: { user_name: command.userId, user_avatar: 'owl' } })
      case 'participant.kick':
        return api.post(`${at}/kick/${this.#person(command.userId).userId}`, options)
      case 'leadership.transfer':
        return api.post(`${at}/transfer?new_master_id=${this.#person(command.to).userId}`, options)
      case 'vote.cast':
        return api.post(`${at}/vote`, { ...options, body: { vote: command.value } })
      case 'mobile.optimize':
        return api.post(`${at.replace('sessions', 'mobile')}/optimize?battery_level=25`, options)
      case 'session.end':
        return api.request(at, { ...options, method: 'DELETE' })
      default:
        return api.post(`${at}/${command.type.split('.')[1]}`, options)
    }
  }

  async #compare(step: Step, watcher: TestStream | null): Promise<void> {
    const { context } = this.snapshot
    const events = await this.#newEvents(context.version, watcher)
    if (events !== null) assert.deepEqual(events, step.events, JSON.stringify(step))
    const session = await this.#api.session(this.#sessionId)
    if (step.to === 'ended') return assert.equal(session.error_code, 'SESSION_NOT_FOUND')
    this.#version = context.version
    const ids = new Map([...this.#people].map(([id, { userId }]) => [userId, id]))
    assert.deepEqual(
      {
        status: session.status,
        version: session.state_version,
        leader: ids.get(session.scrum_master_id),
        online: session.participants.map((user: { id: string; is_online: boolean }) => [
          ids.get(user.id),
          user.is_online,
        ]),
        roles: session.participants.map(({ role }: { role: string }) => role),
        stories: session.stories_version,
        leftSeconds: session.current_round?.round_left_seconds ?? null,
        endsAt: session.current_round?.round_ends_at ?? null,
        agreed: session.current_round?.accepted_estimate ?? null,
      },
      {
        status: step.to,
        version: context.version,
        leader: context.scrumMasterId,
        online: context.participants.map(({ id, isOnline }) => [id, isOnline]),
        roles: context.participants.map(({ role }) => role),
        stories: context.storiesVersion,
        ...roundTimes(context),
        agreed: context.round?.acceptedEstimate ?? null,
      },
      JSON.stringify(step),
    )
  }

  /** The types of the events that the server made; `null` if they can no longer be read. */
  async #newEvents(version: number, watcher: TestStream | null): Promise<string[] | null> {
    if (watcher !== null) {
      await watcher.untilVersion(version)
      return watcher.events.map(({ data }) => data.type)
    }
    const { status, body } = await this.#api.request(
      `/api/sessions/${this.#sessionId}/events?after=${this.#version}`,
    )
    return status === 200 ? body.events.map(({ type }: { type: string }) => type) : null
  }

  async #openStream(id: UserId): Promise<void> {
    this.#streams.set(id, await this.#open(this.#person(id)))
  }

  async #closeStream(id: UserId): Promise<void> {
    const { streams } = this.#server.services
    const stream = this.#streams.get(id)
    this.#streams.delete(id)
    if (stream === undefined || stream.isClosed) return
    const { count } = streams
    stream.close()
    while (streams.count >= count) await new Promise((resolve) => setImmediate(resolve))
  }

  #open(by?: Person): Promise<TestStream> {
    const stream = new TestStream(
      this.#server.url,
      this.#sessionId,
      by === undefined ? {} : { token: by.token },
    )
    return stream.untilType('session_updated')
  }
}

/** When the round's time is up, or how much of it will be left. */
function roundTimes({ roundTimers: { voting }, heldAt }: SessionContext) {
  if (voting === undefined) return { leftSeconds: null, endsAt: null }
  if (heldAt !== null) return { leftSeconds: Math.max(0, voting - heldAt) / 1_000, endsAt: null }
  return { leftSeconds: null, endsAt: new Date(voting).toISOString() }
}

/** Ends all sessions, as the server does when it needs a slot. */
function endAll({ services }: InProcess, clock: SimulatedClock): void {
  for (const host of [...services.supervisor.sessions()]) {
    host.propose({ type: 'session.terminate', at: clock.now(), reason: 'deserted' })
  }
}
