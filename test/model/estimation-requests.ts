import { randomUUID } from 'node:crypto'
import { namedDeck } from '../../machines/deck.js'
import type { StoryId, UserId } from '../../machines/ids.js'
import type { SessionContext } from '../../machines/session/context.js'
import { rulesWish, type SettingsBody } from '../../src/wire/settings.js'
import type { Answer, Api, RequestOptions } from '../support/api.js'
import { ROUND, TOKEN_DIGEST, type Untimed } from '../support/chart.js'

const STORY = 'story' as StoryId
const DIGEST = 'digest'
const EXTENSION_MS = 10_000
const CHANGED: SettingsBody = { listed: false }
const REFUSED_WHILE_OPEN: SettingsBody = { deck: namedDeck('tshirt') }

/** The commands of contract sections 9 and 10 that the paths try, in sessions set up for them. */
export function estimationCommands(
  { stories, rules }: SessionContext,
  { scrumMasterId, other }: { readonly scrumMasterId: UserId; readonly other: UserId },
): Untimed[] {
  if (rules.roundMs === null) return []
  const draft = { id: STORY, title: 'Story', link: null, notes: null, estimate: null }
  return [
    { type: 'settings.change', by: scrumMasterId, wish: rulesWish(CHANGED) },
    { type: 'settings.change', by: scrumMasterId, wish: rulesWish(REFUSED_WHILE_OPEN) },
    { type: 'role.change', by: other, userId: other, role: 'observer' },
    ...(stories.length === 0
      ? [{ type: 'stories.add', by: scrumMasterId, drafts: [draft] } as const]
      : [{ type: 'round.start', by: scrumMasterId, roundId: ROUND, story: { id: STORY } } as const]),
    { type: 'stories.patch', by: scrumMasterId, storyId: STORY, patch: { title: 'Another' } },
    { type: 'stories.order', by: scrumMasterId, storyIds: [STORY] },
    { type: 'stories.remove', by: scrumMasterId, storyId: STORY },
    { type: 'vote.withdraw', by: other },
    { type: 'vote.cast', by: other, value: '8' },
    { type: 'round.extend', by: scrumMasterId, ms: EXTENSION_MS },
    { type: 'round.accept', by: scrumMasterId, estimate: '5' },
    { type: 'participant.nudge', by: scrumMasterId, userId: other },
    { type: 'seat.offer', by: other, digest: DIGEST },
    { type: 'seat.take', by: other, digest: DIGEST, tokenDigest: TOKEN_DIGEST },
  ]
}

/** Whether a path need go no further, since what can follow is covered elsewhere. */
export function hasEstimated({ stories, rules, participants, seatCodes, nudges }: SessionContext): boolean {
  return (
    stories.length > 0 ||
    !rules.isListed ||
    participants.some(({ role }) => role === 'observer') ||
    seatCodes.length > 0 ||
    nudges.length > 0
  )
}

/** The same commands as requests. It maps ids and codes to the server's own. */
export class EstimationRequests {
  readonly #api: Api
  #storyId: string = randomUUID()
  #code = 'AAAAAAAA'

  constructor(api: Api) {
    this.#api = api
  }

  /** @returns `null` for any other kind of command */
  send(
    command: Untimed,
    at: string,
    options: RequestOptions & { readonly idOf: (id: UserId) => string },
  ): Promise<Answer> | null {
    const { idOf, ...by } = options
    const api = this.#api
    const stories = `${at}/stories/${this.#storyId}`
    switch (command.type) {
      case 'settings.change': {
        const body = command.wish.deck === undefined ? CHANGED : { deck: command.wish.deck.name }
        return api.request(`${at}/settings`, { ...by, method: 'PATCH', body })
      }
      case 'role.change':
        return api.post(`${at}/role`, { ...by, body: { role: command.role, user_id: idOf(command.userId) } })
      case 'stories.add':
        return this.#added(api.post(`${at}/stories`, { ...by, body: { title: command.drafts[0]?.title } }))
      case 'stories.patch':
        return api.request(stories, { ...by, method: 'PATCH', body: command.patch })
      case 'stories.remove':
        return api.request(stories, { ...by, method: 'DELETE' })
      case 'stories.order':
        return api.post(`${at}/stories/order`, { ...by, body: { ids: [this.#storyId] } })
      case 'round.start':
        return command.story === undefined
          ? null
          : api.post(`${at}/start`, { ...by, body: { story_id: this.#storyId } })
      case 'vote.withdraw':
        return api.post(`${at}/vote`, { ...by, body: { vote: null } })
      case 'round.extend':
        return api.post(`${at}/round/extend`, { ...by, body: { seconds: command.ms / 1_000 } })
      case 'round.accept':
        return api.post(`${at}/accept`, { ...by, body: { estimate: command.estimate } })
      case 'participant.nudge':
        return api.post(`${at}/nudge/${idOf(command.userId)}`, by)
      case 'seat.offer':
        return this.#offered(api.post(`${at}/seat-code`, by))
      case 'seat.take':
        return api.post(`${at}/seat`, { body: { code: this.#code } })
      default:
        return null
    }
  }

  async #added(answering: Promise<Answer>): Promise<Answer> {
    const answer = await answering
    this.#storyId = answer.body?.stories?.[0]?.id ?? this.#storyId
    return answer
  }

  async #offered(answering: Promise<Answer>): Promise<Answer> {
    const answer = await answering
    this.#code = answer.body?.code ?? this.#code
    return answer
  }
}
