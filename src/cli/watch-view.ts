import type { Connection } from '../client/client.js'
import type { Paint } from '../terminal/paint.js'
import { cardOf, inColumns, statisticsLines } from '../terminal/table.js'
import type { AnyEnvelope } from '../wire/events.js'
import type { SessionView, UserView } from '../wire/views.js'

/** Everything the live table shows; its texts are already printable. */
export interface Scene {
  /** `null` until the first frame arrives. */
  readonly state: SessionView | null
  readonly connection: Connection
  readonly url: string
  /** The latest events, newest last. */
  readonly recent: readonly string[]
  /** The terminal's width. */
  readonly columns: number
}

const CELL_WIDTH = 36
/** The position of the time of day in a timestamp. */
const CLOCK = { from: 'yyyy-mm-ddT'.length, to: 'yyyy-mm-ddThh:mm:ss'.length }

/** The live table as lines of text. */
export function sceneLines({ state, connection, url, recent, columns }: Scene, paint: Paint): string[] {
  const link = paint(connection === 'streaming' ? 'green' : 'yellow', connection)
  if (state === null) return [`${url}  ${link}`]
  return [
    `${paint('bold', state.name)}  ${paint('cyan', state.status)}  ${votesOf(state)}`,
    `${paint('dim', url)}  ${link}  ${paint('dim', `version ${state.state_version}, ${deadlineOf(state)}`)}`,
    ...roundLines(state, paint),
    '',
    ...inColumns(
      state.participants.map((user) => seatOf(state, user, paint)),
      { columns: Math.max(1, Math.floor(columns / CELL_WIDTH)), width: CELL_WIDTH },
    ),
    '',
    ...(state.current_round?.statistics == null
      ? []
      : [...statisticsLines(state.current_round.statistics, state.settings.deck.cards, paint), '']),
    ...recent.map((line) => paint('dim', line)),
  ]
}

function votesOf({ current_round, participants }: SessionView): string {
  if (current_round === null) return 'no round yet'
  const voters = participants.filter(({ role }) => role !== 'observer').length
  return `${Object.keys(current_round.votes).length}/${voters} voted`
}

function deadlineOf({ grace_period_expires, expires_at }: SessionView): string {
  const [what, at] =
    grace_period_expires === null
      ? ['expires', expires_at]
      : ['waiting for the Scrum Master until', grace_period_expires]
  return `${what} ${clockOf(at)} UTC`
}

/** The round's story, attempt and remaining time; empty for a round without any. */
function roundLines({ current_round: round }: SessionView, paint: Paint): string[] {
  if (round == null) return []
  const { story, attempt, anonymous, round_ends_at, round_left_seconds, accepted_estimate } = round
  const parts = [
    ...(story == null ? [] : [paint('bold', story.title)]),
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
    ...(anonymous === true ? ['anonymous'] : []),
    ...(round_ends_at == null ? [] : [`time until ${clockOf(round_ends_at)} UTC`]),
    ...(round_left_seconds == null ? [] : [`timer stopped, ${round_left_seconds} s left`]),
    ...(accepted_estimate == null ? [] : [paint('green', `agreed on ${accepted_estimate}`)]),
  ]
  return parts.length === 0 ? [] : [parts.join('  ')]
}

/** The time of day in UTC, to the second. */
export function clockOf(timestamp: string): string {
  return timestamp.slice(CLOCK.from, CLOCK.to)
}

function seatOf(state: SessionView, { id, name, role, is_online }: UserView, paint: Paint): string {
  const lead = id === state.scrum_master_id ? paint('cyan', ' leads') : ''
  const away = is_online ? '' : paint('dim', ' away')
  const part = role === 'observer' ? paint('dim', ' observes') : ''
  return `${cardOf(state.current_round, id, paint)} ${name}${lead}${part}${away}`
}

/**
 * An event in one line: its type, the person concerned, its content.
 * @param states - the session now and before, where names are looked up
 */
export function eventLine(event: AnyEnvelope, states: readonly (SessionView | null)[]): string {
  const detail = detailOf(event, (id) => nameOf(id, states))
  return detail === '' ? event.type : `${event.type} ${detail}`
}

function detailOf({ type, data }: AnyEnvelope, name: (id: string) => string): string {
  switch (type) {
    case 'user_joined':
      return `${data.user.name}${data.reconnected ? ', back again' : ''}`
    case 'user_left':
      return `${name(data.user_id)}, ${data.reason}`
    case 'voting_started':
      return data.story == null ? '' : data.story.title
    case 'vote_changed':
      return `${name(data.user_id)}, average ${data.statistics.average ?? '–'}`
    case 'role_changed':
      return `${name(data.user_id)}, ${data.role}`
    case 'estimate_accepted':
      return data.estimate
    case 'user_nudged':
      return name(data.user_id)
    case 'vote_submitted':
      return `${name(data.user_id)}, ${data.votes_cast}/${data.participants}`
    case 'votes_revealed':
      return `average ${data.statistics.average ?? '–'}${data.statistics.consensus ? ', consensus' : ''}`
    case 'scrum_master_changed':
      return `${name(data.previous_scrum_master_id)} to ${name(data.scrum_master_id)}, ${data.reason}`
    case 'session_expired':
      return `${data.reason}: ${data.message}`
    case 'session_resumed':
      return data.status
    case 'session_updated':
      return 'session' in data ? `${data.session.name}, ${data.session.status}, ${data.reason}` : data.reason
    case 'state_sync_required':
      return `${data.session.name}, ${data.session.status}, ${data.reason}`
    default:
      if ('user_id' in data) return name(data.user_id)
      return 'message' in data ? data.message : ''
  }
}

function nameOf(id: string, states: readonly (SessionView | null)[]): string {
  const users = states.flatMap((state) => state?.participants ?? [])
  return users.find((user) => user.id === id)?.name ?? id
}
