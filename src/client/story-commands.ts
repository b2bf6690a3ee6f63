import type { EventData } from '../wire/events.js'
import type { StoryView } from '../wire/stories.js'
import type { SessionRequests } from './session-requests.js'

/** A story to be created. */
export interface NewStory {
  readonly title: string
  /** An `https:` address. */
  readonly link?: string | null
  readonly notes?: string | null
}

/** The list of stories as it was read: it is current while `version` equals the session's `stories_version`. */
export interface StoryList {
  readonly stories: readonly StoryView[]
  readonly version: number
}

interface ListAnswer {
  readonly stories: readonly StoryView[]
  readonly stories_version: number
}

/** What can be done with a session's stories, one request per call; they throw as all commands do. */
export class StoryCommands {
  readonly #requests: SessionRequests

  constructor(requests: SessionRequests) {
    this.#requests = requests
  }

  async list(): Promise<StoryList> {
    return listOf(await this.#requests.read<ListAnswer>('/stories'))
  }

  /** @returns the new stories, all of them or none */
  async add(...stories: readonly NewStory[]): Promise<readonly StoryView[]> {
    const answer = await this.#requests.command<ListAnswer>('/stories', { method: 'POST', body: { stories } })
    return answer.stories
  }

  /**
   * Adds the stories of a table exported from a tracker. A table with faults adds none:
   * `error.problem.context.rows` lists every faulty row.
   * @param notes - what to do with notes that are too long
   * @returns how many there were
   */
  async import(table: string, notes: 'whole' | 'cut' | 'none' = 'whole'): Promise<number> {
    const parts = {
      method: 'POST',
      body: table,
      headers: { 'Content-Type': 'text/csv; charset=utf-8' },
    } as const
    return (await this.#requests.command<{ imported: number }>(`/stories/import?notes=${notes}`, parts))
      .imported
  }

  /** Members that are left out do not change; `null` clears one. */
  async change(id: string, patch: Partial<NewStory>): Promise<StoryView> {
    const parts = { method: 'PATCH', body: patch } as const
    return (await this.#requests.command<{ story: StoryView }>(`/stories/${encodeURIComponent(id)}`, parts))
      .story
  }

  async remove(id: string): Promise<void> {
    await this.#requests.command(`/stories/${encodeURIComponent(id)}`, { method: 'DELETE' })
  }

  /** @param ids - of all stories, each once */
  async order(ids: readonly string[]): Promise<StoryList> {
    return listOf(
      await this.#requests.command<ListAnswer>('/stories/order', { method: 'POST', body: { ids } }),
    )
  }
}

function listOf({ stories, stories_version }: ListAnswer): StoryList {
  return { stories, version: stories_version }
}

/**
 * The list after a `stories_updated`.
 * @returns `null`: it must be read again
 */
export function reduceStories(list: StoryList, data: EventData<'stories_updated'>): StoryList | null {
  const { stories_version: version } = data
  if (version <= list.version) return list
  if ('reload' in data || version !== list.version + 1) return null
  const changed = new Map<string, StoryView>(data.changed.map((story) => [story.id, story]))
  const removed = new Set<string>(data.removed)
  const kept = list.stories
    .filter(({ id }) => !removed.has(id))
    .map((story) => changed.get(story.id) ?? story)
  return { stories: inOrder([...kept, ...data.added], data.order), version }
}

function inOrder(stories: readonly StoryView[], order: readonly string[] | null): readonly StoryView[] {
  if (order === null) return stories
  const byId = new Map<string, StoryView>(stories.map((story) => [story.id, story]))
  return order.map((id) => byId.get(id)).filter((story) => story !== undefined)
}
