import type { AnyEnvelope } from '../wire/events.js'
import type { SessionView } from '../wire/views.js'
import { reduceStories, type StoryList } from './story-commands.js'

export interface StoryBookOptions {
  /** Reads the whole list. */
  readonly list: () => Promise<StoryList>
  readonly onChange: (stories: StoryList['stories']) => void
}

const AGAIN_MS = 2_000

/**
 * A session's stories, from the moment somebody wants them: read once, then kept current by the events. They
 * are read again when an event leaves something out or refers to a different list.
 */
export class StoryBook {
  readonly #options: StoryBookOptions
  #list: StoryList | null = null
  #isFollowed = false
  #isReading = false
  #isClosed = false
  #timer: ReturnType<typeof setTimeout> | undefined
  /** The version of the session as known here. */
  #version: number | null = null

  constructor(options: StoryBookOptions) {
    this.#options = options
  }

  follow(): void {
    this.#isFollowed = true
    this.#readIfOld()
  }

  /** Handles a frame that the state already includes, with the state after it. */
  take(frame: AnyEnvelope, state: SessionView | null): void {
    this.#version = state?.stories_version ?? null
    if (this.#list !== null && frame.type === 'stories_updated')
      this.#keep(reduceStories(this.#list, frame.data))
    this.#readIfOld()
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  #keep(list: StoryList | null): void {
    if (list === null || list === this.#list) return
    this.#list = list
    this.#options.onChange(list.stories)
  }

  #readIfOld(): void {
    const isOld = this.#list === null || (this.#version !== null && this.#list.version < this.#version)
    if (this.#isFollowed && isOld && !this.#isReading && !this.#isClosed) void this.#read()
  }

  async #read(): Promise<void> {
    this.#isReading = true
    clearTimeout(this.#timer)
    try {
      const list = await this.#options.list()
      if (this.#list === null || list.version > this.#list.version) this.#keep(list)
      this.#isReading = false
      // An answer from a cache, or one that an event has overtaken.
      if (this.#version !== null && list.version < this.#version) this.#readLater()
    } catch {
      // The feed finds out whether the server can be reached.
      this.#isReading = false
      this.#readLater()
    }
  }

  #readLater(): void {
    if (!this.#isClosed) this.#timer = setTimeout(() => this.#readIfOld(), AGAIN_MS)
  }
}
