import type { Connection, SessionClient } from '../client/client.js'
import { type Paint, paintFor } from '../terminal/paint.js'
import { printable, printableJson } from '../terminal/printable.js'
import { Screen } from '../terminal/screen.js'
import type { AnyEnvelope } from '../wire/events.js'
import type { SessionView } from '../wire/views.js'
import { clockOf, eventLine, sceneLines } from './watch-view.js'

/** Where a watched session is shown. */
export interface Display {
  /** One printable event, which the client's state already includes. */
  show(event: AnyEnvelope): void
  /** The client's session or connection has changed. */
  look(): void
  /** Nothing more will come. */
  end(): void
}

/** A live table on a terminal, a list of events elsewhere. */
export function displayOf(client: SessionClient, url: string): Display {
  return process.stdout.isTTY ? new LiveTable(client, url) : new EventList(client)
}

/** How many of the latest events are shown under the table. */
const RECENT_MAX = 8

/** For pipes and files: one line per event. */
class EventList implements Display {
  readonly #client: SessionClient
  #before: SessionView | null = null
  #connection: Connection = 'waiting'

  constructor(client: SessionClient) {
    this.#client = client
  }

  show(event: AnyEnvelope): void {
    this.look()
    const state = printableJson(this.#client.state)
    process.stdout.write(`${event.timestamp} ${eventLine(event, [state, this.#before])}\n`)
    this.#before = state
  }

  look(): void {
    const { connection } = this.#client
    if (connection !== this.#connection) process.stderr.write(`connection: ${connection}\n`)
    this.#connection = connection
  }

  end(): void {}
}

/** For a terminal: the current table and the latest events. */
class LiveTable implements Display {
  readonly #client: SessionClient
  readonly #url: string
  readonly #screen = new Screen(process.stdout)
  readonly #paint: Paint = paintFor(process.stdout)
  readonly #recent: string[] = []
  #before: SessionView | null = null
  #drawn = ''

  constructor(client: SessionClient, url: string) {
    this.#client = client
    this.#url = url
    process.stdout.on('resize', this.#resized)
    this.look()
  }

  show(event: AnyEnvelope): void {
    const state = printableJson(this.#client.state)
    this.#recent.push(`${clockOf(event.timestamp)} ${eventLine(event, [state, this.#before])}`)
    if (this.#recent.length > RECENT_MAX) this.#recent.shift()
    this.#before = state
    this.look()
  }

  look(): void {
    const lines = this.#lines()
    const size = `${process.stdout.columns}x${process.stdout.rows}`
    const drawn = [size, ...lines].join('\n')
    if (drawn !== this.#drawn) this.#screen.draw(lines)
    this.#drawn = drawn
  }

  /** Leaves the last table on the screen, above the shell's prompt. */
  end(): void {
    process.stdout.off('resize', this.#resized)
    this.#screen.leave()
    process.stdout.write(`${this.#lines().join('\n')}\n`)
  }

  readonly #resized = () => this.look()

  #lines(): string[] {
    return sceneLines(
      {
        state: printableJson(this.#client.state),
        connection: this.#client.connection,
        url: printable(this.#url),
        recent: this.#recent,
        columns: process.stdout.columns,
      },
      this.#paint,
    )
  }
}
