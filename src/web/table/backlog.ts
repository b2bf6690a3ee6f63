import { computed, signal } from '@preact/signals'
import {
  type AnyEnvelope,
  reduceStories,
  type SessionClient,
  type StoryList,
  type StoryView,
} from '../../client/client.js'

const READ_AGAIN_MS = 2_000

/** The stories of a table: read once, and followed. */
export class Backlog {
  readonly #list = signal<StoryList | null>(null)
  /** In their order; empty until they are known. */
  readonly stories = computed<readonly StoryView[]>(() => this.#list.value?.stories ?? [])
  readonly estimated = computed(() => this.stories.value.filter(({ estimate }) => estimate !== null))
  /** The story that whoever leads here has chosen to be the next; `null`: the first that has no estimate. */
  readonly chosen = signal<string | null>(null)
  readonly #client: SessionClient
  #isReading = false
  #isClosed = false

  constructor(client: SessionClient) {
    this.#client = client
  }

  /** What the next round is about; `null`: no story is left. */
  next(currentId: string | null): StoryView | null {
    const open = this.stories.value.filter(({ id, estimate }) => estimate === null && id !== currentId)
    const after = this.stories.value.findIndex(({ id }) => id === currentId)
    const following = open.find((story) => this.stories.value.indexOf(story) > after)
    return open.find(({ id }) => id === this.chosen.value) ?? following ?? open[0] ?? null
  }

  /** Takes over what an event says, and reads the list where it is not enough. */
  take(frame: AnyEnvelope): void {
    if (frame.type === 'stories_updated' && this.#list.peek() !== null) {
      const list = this.#list.peek()
      this.#list.value = list === null ? null : reduceStories(list, frame.data)
    }
    const current = this.#client.state?.stories_version ?? 0
    if ((this.#list.peek()?.version ?? -1) < current) void this.#read()
  }

  close(): void {
    this.#isClosed = true
  }

  async #read(): Promise<void> {
    if (this.#isReading || this.#isClosed) return
    this.#isReading = true
    try {
      this.#list.value = await this.#client.commands.stories.list()
    } catch {
      // The next event asks again, or this.
      setTimeout(() => void this.#read(), READ_AGAIN_MS)
    }
    this.#isReading = false
  }
}
