import type { NodeId, UserId } from '../../machines/ids.js'
import type { Clock } from '../../machines/ports.js'
import type { SessionCommand } from '../../machines/session/commands.js'
import { participantOf } from '../../machines/session/context.js'
import type { SessionSnapshot } from '../../machines/session/machine.js'
import type { CommandLog } from './command-log.js'
import type { Outcome } from './outcome.js'
import type { Readers } from './readers.js'

/** The session, and who reads it here. */
export interface ReportedSession {
  readonly snapshot: SessionSnapshot
  readonly readers: Pick<Readers, 'countOf'>
  propose(command: SessionCommand, settled: (outcome: Outcome) => void): void
  /** {@link StreamReports.tell}, unless the session is over. */
  reportStreams(userId: UserId): void
  /** The log is away: {@link StreamReports.tellAll} is wanted when it is back. */
  mendLater(): void
}

export interface StreamReportsOptions {
  readonly clock: Clock
  readonly commandLog: Pick<CommandLog, 'node' | 'nodes'>
}

/** Tells a session which streams are open on this node, and which nodes are gone with theirs. */
export class StreamReports {
  readonly #session: ReportedSession
  readonly #options: StreamReportsOptions
  /** Nodes that had streams of this session and are gone, as long as the session does not know. */
  readonly #lost = new Map<NodeId, number | undefined>()
  #isSilent = false

  constructor(session: ReportedSession, options: StreamReportsOptions) {
    this.#session = session
    this.#options = options
  }

  /** How many streams a participant has here, if that is not what was told last. */
  tell(userId: UserId): void {
    const { clock, commandLog } = this.#options
    const { node } = commandLog
    const participant = participantOf(this.#session.snapshot.context, userId)
    if (this.#isSilent || participant === undefined) return
    const open = this.#session.readers.countOf(userId)
    const told = participant.streams.find((level) => level.node === node)?.open ?? 0
    if (open === told) return
    this.#session.propose({ type: 'presence.streams', at: clock.now(), userId, node, open }, ({ type }) => {
      // What has changed until the log gave it its place is told as well.
      if (type === 'done') this.#session.reportStreams(userId)
      else if (type === 'unavailable') this.#session.mendLater()
    })
  }

  /** Everything that the session does not know. */
  tellAll(): void {
    for (const { id } of this.#session.snapshot.context.participants) this.tell(id)
    this.#tellOfLost()
  }

  /** Every node that does not run is gone. */
  loseGone(): void {
    const { nodes } = this.#options.commandLog
    for (const node of this.#nodesWithStreams()) if (!nodes.has(node)) this.#lost.set(node, undefined)
    this.tellAll()
  }

  /** A node is gone. @param returnMs - how long its people have to come back; default: the chart's */
  lose(node: NodeId, returnMs?: number): void {
    if (!this.#nodesWithStreams().has(node)) return
    this.#lost.set(node, returnMs)
    this.#tellOfLost()
  }

  /** What closes from here on says nothing of its people. */
  silence(): void {
    this.#isSilent = true
  }

  #tellOfLost(): void {
    const at = this.#options.clock.now()
    for (const [node, returnMs] of this.#lost) {
      const command = {
        type: 'node.lost',
        at,
        node,
        ...(returnMs === undefined ? {} : { returnMs }),
      } as const
      this.#session.propose(command, ({ type }) => {
        if (type === 'unavailable') this.#session.mendLater()
        else this.#lost.delete(node)
      })
    }
  }

  /** This one apart. */
  #nodesWithStreams(): ReadonlySet<NodeId> {
    const { participants } = this.#session.snapshot.context
    const nodes = new Set(participants.flatMap(({ streams }) => streams.map(({ node }) => node)))
    nodes.delete(this.#options.commandLog.node)
    return nodes
  }
}
