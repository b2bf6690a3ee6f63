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
  /** The log is away: schedules {@link StreamReports.tellAll} for when it is back. */
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
  /** Nodes that had streams of this session and are gone, until the session knows. */
  readonly #lost = new Map<NodeId, number | undefined>()
  #isSilent = false

  constructor(session: ReportedSession, options: StreamReportsOptions) {
    this.#session = session
    this.#options = options
  }

  /**
   * Tells how many streams a participant has here, if that has changed since it was last told. If they are away
   * all the same, these streams are newer than those that their lease lapsed with: that is a sign of life.
   */
  tell(userId: UserId): void {
    const { clock, commandLog } = this.#options
    const { node } = commandLog
    const participant = participantOf(this.#session.snapshot.context, userId)
    if (this.#isSilent || participant === undefined) return
    const open = this.#session.readers.countOf(userId)
    const told = participant.streams.find((level) => level.node === node)?.open ?? 0
    const isSame = open === told
    if (isSame && (open === 0 || participant.isOnline)) return
    const at = clock.now()
    const command: SessionCommand = isSame
      ? { type: 'presence.seen', at, userId }
      : { type: 'presence.streams', at, userId, node, open }
    this.#session.propose(command, ({ type }) => {
      // The number may have changed before the log placed this report.
      if (type === 'done') this.#session.reportStreams(userId)
      else if (type === 'unavailable') this.#session.mendLater()
    })
  }

  /** Tells the session everything it does not know yet. */
  tellAll(): void {
    for (const { id } of this.#session.snapshot.context.participants) this.tell(id)
    this.#tellOfLost()
  }

  /** Treats every node that is not running as gone. */
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

  /** From now on a closing stream says nothing about its participant. */
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

  /** All nodes but this one. */
  #nodesWithStreams(): ReadonlySet<NodeId> {
    const { participants } = this.#session.snapshot.context
    const nodes = new Set(participants.flatMap(({ streams }) => streams.map(({ node }) => node)))
    nodes.delete(this.#options.commandLog.node)
    return nodes
  }
}
