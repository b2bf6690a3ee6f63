import type { EpochMs, UserId } from '../ids.js'
import { type Drop, type Partition, participantOf, type SessionContext } from './context.js'
import { reach, record } from './record.js'

/** Disconnects this close together may be one network partition. */
export const PARTITION_WINDOW_MS = 5_000

/** Fewer disconnects than this are never a partition. */
const PARTITION_DROPS_MIN = 2

/**
 * Accounts for a disconnect that was just recorded: two or more of them, and at least half of those who were
 * online, within {@link PARTITION_WINDOW_MS} are a partition (contract section 6). A disconnect within that
 * time of its detection belongs to it too; a later one does not.
 */
export function withDrop(context: SessionContext, userId: UserId): SessionContext {
  const { now, partition } = context
  const drops = [...recentDrops(context), { userId, at: now }]
  if (partition !== null && now - partition.detectedAt <= PARTITION_WINDOW_MS) {
    return { ...context, drops, partition: widened(context, partition, userId) }
  }
  const online = context.participants.filter((participant) => participant.isOnline).length
  const isPartition = drops.length >= PARTITION_DROPS_MIN && 2 * drops.length >= online + drops.length
  return isPartition ? opened({ ...context, drops }) : { ...context, drops }
}

/** Removes a participant who is back or has left; the last one closes the partition. */
export function withoutDrop(context: SessionContext, userId: UserId): SessionContext {
  const { partition } = context
  const drops = context.drops.filter((drop) => drop.userId !== userId)
  if (!partition?.missing.includes(userId)) return { ...context, drops }
  const missing = partition.missing.filter((id) => id !== userId)
  if (missing.length > 0) return { ...context, drops, partition: { ...partition, missing } }
  return closed({ ...context, drops }, partition)
}

/** Its time is up: those who are still away are no longer waited for. */
export function giveUpPartition(context: SessionContext): SessionContext {
  const { partition } = context
  return partition === null ? context : closed(reach(context, partition.expiresAt), partition)
}

/** When the partition is given up; `null`: there is none. */
export function partitionDeadline({ partition }: SessionContext): EpochMs | null {
  return partition?.expiresAt ?? null
}

/** Whether a partition cut this participant off and they have not come back since. */
export function isCutOff(
  { partition }: { readonly partition: Pick<Partition, 'missing'> | null },
  userId: UserId,
): boolean {
  return partition?.missing.includes(userId) === true
}

/**
 * Participants who are back or have left are not in it, so nobody is listed twice, and never more people than
 * seats.
 */
function recentDrops({ drops, now }: SessionContext): readonly Drop[] {
  return drops.filter((drop) => now - drop.at <= PARTITION_WINDOW_MS)
}

/**
 * A partition while people of an earlier one are still missing takes them over: they too get everything when
 * they return.
 */
function opened(context: SessionContext): SessionContext {
  const { now, settings, partition } = context
  const dropped = context.drops.map((drop) => drop.userId)
  const affected = [...(partition?.missing ?? []).filter((id) => !dropped.includes(id)), ...dropped]
  return record(
    {
      ...context,
      partition: { detectedAt: now, expiresAt: now + settings.graceMs, affected, missing: affected },
    },
    { type: 'network_partition_detected', detectedAt: now, endedAt: null, affected },
  )
}

/** Participants who have left meanwhile are removed, so that it never lists more people than there are seats. */
function widened(context: SessionContext, partition: Partition, userId: UserId): Partition {
  const { affected, missing } = partition
  const present = affected.filter((id) => id !== userId && participantOf(context, id) !== undefined)
  return {
    ...partition,
    affected: [...present, userId],
    missing: [...missing, userId],
  }
}

function closed(context: SessionContext, { detectedAt, affected }: Partition): SessionContext {
  return record(
    { ...context, partition: null },
    { type: 'network_partition_detected', detectedAt, endedAt: context.now, affected },
  )
}
