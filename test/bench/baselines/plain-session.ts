import { randomUUID } from 'node:crypto'

/** What a command did: the answer to its sender, and the events for every reader. */
export interface Change {
  readonly reply: object
  readonly events: readonly object[]
}

interface Seat {
  readonly id: string
  readonly name: string
  readonly avatar: string
  readonly is_online: true
  readonly joined_at: string
}

interface Vote {
  readonly user_id: string
  readonly value: string
  readonly submitted_at: string
}

const AVATAR = 'fox'
/** As long as a real checksum, but not computed. */
const NO_CHECKSUM = '0123456789abcdef'

/**
 * A session as plain objects, with events and answers that have the same members as MagnaPP's, so that every
 * server in the bench sends frames of the same size. No rules, no statechart, no validation.
 */
export class PlainSession {
  readonly id = randomUUID()
  readonly #seats: Seat[] = []
  #votes: Record<string, Vote> = {}
  #roundId = ''
  #startedAt = Date.now()
  #version = 0

  get version(): number {
    return this.#version
  }

  join(name: string): { user_id: string } {
    const id = randomUUID()
    this.#seats.push({ id, name, avatar: AVATAR, is_online: true, joined_at: now() })
    return { user_id: id }
  }

  start(): Change {
    this.#votes = {}
    this.#roundId = randomUUID()
    this.#startedAt = Date.now()
    const started_at = now()
    return {
      reply: { success: true, message: 'The round is open.', round: this.#round(null) },
      events: [this.#event('voting_started', { round_id: this.#roundId, started_at })],
    }
  }

  vote(user_id: string, value: string): Change {
    const submitted_at = now()
    this.#votes[user_id] = { user_id, value, submitted_at }
    const votes_cast = Object.keys(this.#votes).length
    const data = { user_id, submitted_at, votes_cast, participants: this.#seats.length }
    return {
      reply: { success: true, message: 'Your vote counts.' },
      events: [this.#event('vote_submitted', data)],
    }
  }

  reveal(): Change {
    const statistics = statisticsOf(Object.values(this.#votes))
    const round_id = this.#roundId
    const duration_seconds = (Date.now() - this.#startedAt) / 1_000
    return {
      reply: {
        success: true,
        message: 'The votes are revealed.',
        round: this.#round(statistics),
        statistics,
      },
      events: [
        this.#event('votes_revealed', { round_id, votes: this.#votes, statistics }, null),
        this.#event('round_completed', { round_id, statistics, duration_seconds }),
      ],
    }
  }

  /** The first frame of a connection; it does not raise the version. */
  opening(): object {
    const session = {
      id: this.id,
      name: 'bench',
      participants: this.#seats,
      scrum_master_id: this.#seats[0]?.id,
      status: 'waiting',
      current_round: null,
      created_at: now(),
      last_activity: now(),
      expires_at: now(),
      grace_period_start: null,
      grace_period_expires: null,
      previous_scrum_master_id: null,
      mobile_optimizations: {},
      state_version: this.#version,
      state_checksum: NO_CHECKSUM,
    }
    return this.#envelope('session_updated', { session, reason: 'connected' }, NO_CHECKSUM)
  }

  #event(type: string, data: object, checksum: string | null = NO_CHECKSUM): object {
    this.#version += 1
    return this.#envelope(type, data, checksum)
  }

  #envelope(type: string, data: object, state_checksum: string | null): object {
    const session_id = this.id
    return { type, session_id, timestamp: now(), state_version: this.#version, state_checksum, data }
  }

  #round(statistics: object | null): object {
    const started_at = new Date(this.#startedAt).toISOString()
    return { id: this.#roundId, votes: this.#votes, is_revealed: statistics !== null, statistics, started_at }
  }
}

function statisticsOf(votes: readonly Vote[]): object {
  const distribution: Record<string, number> = {}
  let sum = 0
  let count = 0
  for (const { value } of votes) {
    distribution[value] = (distribution[value] ?? 0) + 1
    if (value === 'coffee') continue
    sum += Number(value)
    count += 1
  }
  const coffee_votes = votes.length - count
  return { average: sum / count, distribution, consensus: false, coffee_votes, total_votes: votes.length }
}

function now(): string {
  return new Date().toISOString()
}
