import type { Version } from '../../machines/ids.js'
import type { SessionEvent } from '../../machines/session/events.js'
import type { SessionSnapshot } from '../../machines/session/machine.js'
import { StateChecksums } from '../sync/checksum.js'
import type { After } from '../wire/events/record.js'
import { loggedEvent } from './envelopes.js'
import type { LoggedEvent } from './event-log.js'

/** What a step of the session means to the outside; made before any of it counts. */
export interface Projection {
  readonly after: After
  /** The events of the step, in order. */
  readonly events: readonly SessionEvent[]
  /** The same events as they go into the log. */
  readonly logged: readonly LoggedEvent[]
}

/** Turns the successive states of one session into what the public sees of them. */
export class Publication {
  readonly #checksums = new StateChecksums()
  #newest: { readonly version: Version; readonly checksum: string } | null = null

  /**
   * Everything that comes of a step.
   * @param since - the version of the newest event already logged
   * @throws what the projection throws; then no part of the step may count
   */
  project(snapshot: SessionSnapshot, since: Version): Projection {
    const after = this.after(snapshot)
    const events = snapshot.context.events.filter((event) => event.version > since)
    const logged = events.map((event, index) => loggedEvent(event, after, index === events.length - 1))
    return { after, events, logged }
  }

  /** A state with its checksum, computed on demand and once per version. */
  after(snapshot: SessionSnapshot): After {
    return { snapshot, checksum: () => this.#checksumOf(snapshot) }
  }

  #checksumOf(snapshot: SessionSnapshot): string {
    const { version } = snapshot.context
    if (this.#newest?.version === version) return this.#newest.checksum
    const checksum = this.#checksums.of(snapshot)
    this.#newest = { version, checksum }
    return checksum
  }
}
