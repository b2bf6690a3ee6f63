import type { NodeId, UserId } from '../../machines/ids.js'
import type { Clock } from '../../machines/ports.js'
import type { SessionCommand } from '../../machines/session/commands.js'
import { participantOf, type SessionContext } from '../../machines/session/context.js'
import type { Outcome } from './outcome.js'

export interface StreamReportsOptions {
  readonly clock: Clock
  /** This process, among those that hold streams. */
  readonly node: NodeId
  readonly context: () => SessionContext
  /** How many streams of somebody are open here. */
  readonly countOf: (userId: UserId) => number
  readonly propose: (command: SessionCommand, settled: (outcome: Outcome) => void) => void
  /** The log is away: {@link StreamReports.tellAll} is wanted when it is back. */
  readonly later: () => void
}

/** Tells a session which streams are open on this node, and which nodes are gone with theirs. */
export class StreamReports {
  readonly #options: StreamReportsOptions
  /** Nodes that had streams of this session and are gone, as long as the session does not know. */
  readonly #lost = new Set<NodeId>()
  #isSilent = false

  constructor(options: StreamReportsOptions) {
    this.#options = options
  }

  /** How many streams a participant has here, if that is not what was told last. */
  tell(userId: UserId): void {
    const { clock, node, context, countOf, propose, later } = this.#options
    const participant = participantOf(context(), userId)
    if (this.#isSilent || participant === undefined) return
    const open = countOf(userId)
    const told = participant.streams.find((level) => level.node === node)?.open ?? 0
    if (open === told) return
    propose({ type: 'presence.streams', at: clock.now(), userId, node, open }, ({ type }) => {
      // What has changed until the log gave it its place is told as well.
      if (type === 'done') this.tell(userId)
      else if (type === 'unavailable') later()
    })
  }

  /** Everything that the session does not know. */
  tellAll(): void {
    const { clock, context, propose, later } = this.#options
    for (const { id } of context().participants) this.tell(id)
    for (const node of this.#lost) {
      propose({ type: 'node.lost', at: clock.now(), node }, ({ type }) => {
        if (type === 'unavailable') later()
        else this.#lost.delete(node)
      })
    }
  }

  /** Every other node is gone. */
  loseOthers(): void {
    const streams = this.#options.context().participants.flatMap((participant) => participant.streams)
    for (const { node } of streams) if (node !== this.#options.node) this.#lost.add(node)
    this.tellAll()
  }

  /** What closes from here on says nothing of its people. */
  silence(): void {
    this.#isSilent = true
  }
}
