import type { Card } from '../../machines/card.js'
import type { PastRoundView } from '../wire/history.js'
import type { HeartbeatView, OptimizedView, TouchVotedView } from '../wire/responses.js'
import type { SeatCodeView } from '../wire/seats.js'
import type { SettingsView, SettingsWish } from '../wire/settings.js'
import type { ReconnectView } from '../wire/sync.js'
import type { RoundView, StatisticsView, UserView } from '../wire/views.js'
import type { SessionRequests } from './session-requests.js'
import { StoryCommands } from './story-commands.js'

/** What a phone reports about itself; everything is optional. */
export interface PhoneConditions {
  /** 0 to 100. */
  readonly batteryPercent?: number
  /** The Network Information API's effective type: `4g`, `2g`, `slow-2g`. */
  readonly networkType?: string
}

/** How a card was touched. */
export interface Touch {
  readonly x: number
  readonly y: number
  /** 0 to 1. */
  readonly pressure?: number
}

/**
 * Everything a participant can do, one request per call. If no answer comes, a command is retried for three
 * seconds with the same `Idempotency-Key`, so nothing is done twice. Commands throw `MagnaPPError` with the
 * contract's code when the server refuses, a `TimeoutError` without an answer in time, and what `fetch`
 * throws when the server is out of reach.
 */
export class SessionCommands {
  /** The session's stories. */
  readonly stories: StoryCommands
  readonly #requests: SessionRequests

  constructor(requests: SessionRequests) {
    this.#requests = requests
    this.stories = new StoryCommands(requests)
  }

  /** @param about - a story of the list, or the title of a new one; without it the round has no story */
  async start(about?: { readonly storyId: string } | { readonly title: string }): Promise<RoundView> {
    const body = about === undefined ? {} : 'storyId' in about ? { story_id: about.storyId } : about
    return (await this.#requests.command<{ round: RoundView }>('/start', { body })).round
  }

  /** @param card - `null` takes the card back */
  async vote(card: Card | null): Promise<void> {
    await this.#requests.command('/vote', { body: { vote: card } })
  }

  async reveal(): Promise<StatisticsView> {
    return (await this.#requests.command<{ statistics: StatisticsView }>('/reveal')).statistics
  }

  async pause(): Promise<void> {
    await this.#requests.command('/pause')
  }

  async resume(): Promise<void> {
    await this.#requests.command('/resume')
  }

  /** @returns when the session expires unless somebody acts */
  async extend(): Promise<string> {
    return (await this.#requests.command<{ expires_at: string }>('/extend')).expires_at
  }

  async transfer(to: string): Promise<void> {
    await this.#requests.command(`/transfer?new_master_id=${encodeURIComponent(to)}`)
  }

  async kick(userId: string): Promise<void> {
    await this.#requests.command(`/kick/${encodeURIComponent(userId)}`)
  }

  /** Leaves the session for good. */
  async leave(): Promise<void> {
    await this.#requests.lastCommand('/leave')
  }

  /** Ends the session for everybody. */
  async end(): Promise<void> {
    await this.#requests.lastCommand('', { method: 'DELETE' })
  }

  /** Members that are left out do not change. */
  async changeSettings(settings: SettingsWish): Promise<SettingsView> {
    const parts = { method: 'PATCH', body: settings } as const
    return (await this.#requests.command<{ settings: SettingsView }>('/settings', parts)).settings
  }

  /** @param userId - whose role; default: the caller's */
  async changeRole(role: UserView['role'], userId?: string): Promise<void> {
    await this.#requests.command('/role', { body: { role, user_id: userId } })
  }

  /** @returns when the round's time is up; `null` while the timer is stopped */
  async extendRound(seconds: number): Promise<string | null> {
    const parts = { body: { seconds } }
    return (await this.#requests.command<{ round_ends_at: string | null }>('/round/extend', parts))
      .round_ends_at
  }

  /** Records the estimate that the team agreed on, for the round and for its story. */
  async accept(estimate: Card): Promise<void> {
    await this.#requests.command('/accept', { body: { estimate } })
  }

  /** Asks somebody for their card. */
  async nudge(userId: string): Promise<void> {
    await this.#requests.command(`/nudge/${encodeURIComponent(userId)}`)
  }

  /** The revealed rounds, newest last. */
  async history(): Promise<readonly PastRoundView[]> {
    return (await this.#requests.read<{ rounds: readonly PastRoundView[] }>('/history')).rounds
  }

  /** The results as the content of a file. */
  export(format: 'json' | 'csv' | 'md'): Promise<string> {
    return this.#requests.text(`/export?format=${format}`)
  }

  /** A code that moves this seat to another device, valid once and for a minute: see `takeSeat`. */
  seatCode(): Promise<SeatCodeView> {
    return this.#requests.command('/seat-code')
  }

  /** Returns after an absence without a stream: the whole session, your own hidden vote, and your permissions. */
  reconnect(): Promise<ReconnectView> {
    return this.#requests.command('/reconnect')
  }

  /** Adapts your streams to a phone's battery and network. */
  optimize({ batteryPercent, networkType }: PhoneConditions): Promise<OptimizedView> {
    const query = batteryPercent === undefined ? '' : `?battery_level=${batteryPercent}`
    const headers = networkType === undefined ? {} : { 'X-Network-Type': networkType }
    return this.#requests.mobile(`/optimize${query}`, { headers })
  }

  /** Says that you are still there. From then on the server expects the next call: see `next_heartbeat`. */
  heartbeat(): Promise<HeartbeatView> {
    return this.#requests.heartbeat()
  }

  async touchVote(card: Card, touch: Touch): Promise<TouchVotedView> {
    const { x, y, pressure } = touch
    const body = { vote: card, touch_coordinates: { x, y }, ...(pressure === undefined ? {} : { pressure }) }
    return this.#requests.mobile('/touch-vote', { body })
  }
}
