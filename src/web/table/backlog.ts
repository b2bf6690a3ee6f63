import { computed, type ReadonlySignal, signal } from '@preact/signals'
import type { StoryView } from '../../client/client.js'

/** The stories of a table, and which is next. */
export class Backlog {
  /** In order; empty until they are known. */
  readonly stories: ReadonlySignal<readonly StoryView[]>
  readonly estimated = computed(() => this.stories.value.filter(({ estimate }) => estimate !== null))
  /** The story that the leader has chosen to be next; `null`: the first one without an estimate. */
  readonly chosen = signal<string | null>(null)
  /** What is being written to be added. */
  readonly written = signal('')
  /** Titles that could not be added, as they were sent. */
  readonly unsent = signal<readonly (readonly string[])[]>([])

  constructor(stories: ReadonlySignal<readonly StoryView[]>) {
    this.stories = stories
  }

  /** The story of the next round; `null`: none is left. */
  next(currentId: string | null, stories = this.stories.value): StoryView | null {
    const open = stories.filter(({ id, estimate }) => estimate === null && id !== currentId)
    const after = stories.findIndex(({ id }) => id === currentId)
    const following = open.find((story) => stories.indexOf(story) > after)
    return open.find(({ id }) => id === this.chosen.value) ?? following ?? open[0] ?? null
  }
}
