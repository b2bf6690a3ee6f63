import type { EpochMs, UserId } from '../ids.js'
import { type Drop, type Partition, participantOf, type SessionContext } from './context.js'
import { reach, record } from './record.js'

/** Drops this close together may be one cut of the network. */
export const PARTITION_WINDOW_MS = 5_000

/** Fewer drops than this are never a partition. */
const PARTITION_DROPS_MIN = 2

/**
 * Takes a drop that has just been recorded into account: two or more, and at least half of those who
 * were online, within {@link PARTITION_WINDOW_MS} are a partition (contract section 6). Whoever drops
 * within that time of its detection was cut off by it too; whoever drops alone later was not.
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

/** Strikes out a participant who is back or has left; the last one closes the partition. */
export function withoutDrop(context: SessionContext, userId: UserId): SessionContext {
  const { partition } = context
  const drops = context.drops.filter((drop) => drop.userId !== userId)
  if (!partition?.missing.includes(userId)) return { ...context, drops }
  const missing = partition.missing.filter((id) => id !== userId)
  if (missing.length > 0) return { ...context, drops, partition: { ...partition, missing } }
  return closed({ ...context, drops }, partition)
}

/** Its time is up: whoever is still away is no longer waited for. */
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

/** Whoever is back or has left is in there no more, so nobody is twice, and there are never more than seats. */
function recentDrops({ drops, now }: SessionContext): readonly Drop[] {
  return drops.filter((drop) => now - drop.at <= PARTITION_WINDOW_MS)
}

/** A cut while another one's people are still missing takes those over: they too get everything when they return. */
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

/** Those who have left meanwhile are not listed any more, so that it never names more people than there are seats. */
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
