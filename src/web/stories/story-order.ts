import { computed, signal } from '@preact/signals'
import { MagnaPPError, type StoryList, type StoryView } from '../../client/client.js'
import type { Table } from '../table/table.js'

interface Wish {
  readonly ids: readonly StoryView['id'][]
  /** The version of the list from which on the order is the server's; `null`: it is not sent yet. */
  readonly version: number | null
}

/** The order that the leader gives the stories: drawn at once, and sent one request at a time. */
export class StoryOrder {
  readonly #table: Table
  readonly #wish = signal<Wish | null>(null)
  #isSending = false

  constructor(table: Table) {
    this.#table = table
  }

  /** The stories in the order wanted, until the list is in it. */
  readonly stories = computed(() => {
    const stories = this.#table.backlog.stories.value
    const wish = this.#wish.value
    const version = this.#table.session.value?.stories_version ?? 0
    const isOver = wish === null || (wish.version !== null && wish.version <= version)
    return isOver ? stories : inOrder(stories, wish.ids)
  })

  /** @returns whether the story was elsewhere, and there is such a place */
  move(id: StoryView['id'], to: number): boolean {
    const ids = this.stories.peek().map((story) => story.id)
    const from = ids.indexOf(id)
    if (from < 0 || to < 0 || to >= ids.length || to === from) return false
    ids.splice(from, 1)
    ids.splice(to, 0, id)
    this.#wish.value = { ids, version: null }
    return true
  }

  /** Returns to the order of the list. */
  reset(): void {
    this.#wish.value = null
  }

  /** Sends the order; what is wanted by the time of the answer follows. */
  async save(): Promise<void> {
    if (this.#isSending) return
    this.#isSending = true
    for (let wish = this.#wish.peek(); wish?.version === null; wish = this.#wish.peek()) {
      const version = await this.#send()
      if (this.#wish.peek() === wish) this.#wish.value = version === null ? null : { ...wish, version }
    }
    this.#isSending = false
  }

  /** @returns the version of the list in this order; `null`: it was refused */
  async #send(): Promise<number | null> {
    const ids = this.stories.peek().map(({ id }) => id)
    let version: number | null = null
    await this.#table.moves.ask(async () => {
      version = (await this.#order(ids)).version
    }, 'order')
    return version
  }

  async #order(ids: Wish['ids']): Promise<StoryList> {
    const { stories } = this.#table.client.commands
    try {
      return await stories.order(ids)
    } catch (error) {
      if (!(error instanceof MagnaPPError) || error.code !== 'VALIDATION_ERROR') throw error
      // The server has other stories by now, which are not drawn yet.
      const list = await stories.list()
      return stories.order(inOrder(list.stories, ids).map(({ id }) => id))
    }
  }
}

/** Stories that were added meanwhile come last. */
function inOrder(stories: readonly StoryView[], ids: Wish['ids']): readonly StoryView[] {
  const placeOf = ({ id }: StoryView) => (ids.includes(id) ? ids.indexOf(id) : ids.length)
  return stories.toSorted((one, other) => placeOf(one) - placeOf(other))
}
