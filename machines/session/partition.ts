import type { UserId } from '../ids.js'
import type { Partition, SessionContext } from './context.js'
import { record } from './record.js'

/** Drops this close together may be one cut of the network. */
export const PARTITION_WINDOW_MS = 5_000

/** Fewer drops than this are never a partition. */
const PARTITION_DROPS_MIN = 2

/**
 * Takes a drop that has just been recorded into account: two or more, and at least half of those who
 * were online, within {@link PARTITION_WINDOW_MS} are a partition (contract section 6).
 */
export function withDrop(context: SessionContext, userId: UserId): SessionContext {
  const { now, partition } = context
  const recent = context.drops.filter(
    (drop) => drop.userId !== userId && now - drop.at <= PARTITION_WINDOW_MS,
  )
  const drops = [...recent, { userId, at: now }]
  if (partition !== null) {
    const widened = {
      ...partition,
      affected: including(partition.affected, userId),
      missing: including(partition.missing, userId),
    }
    return { ...context, drops, partition: widened }
  }
  const online = context.participants.filter((participant) => participant.isOnline).length
  const isPartition = drops.length >= PARTITION_DROPS_MIN && 2 * drops.length >= online + drops.length
  if (!isPartition) return { ...context, drops }
  const affected = drops.map((drop) => drop.userId)
  return record(
    { ...context, drops, partition: { detectedAt: now, affected, missing: affected } },
    { type: 'network_partition_detected', detectedAt: now, affected, recovered: false },
  )
}

/** Strikes out a participant who is back or has left; the last one closes the partition. */
export function withoutDrop(context: SessionContext, userId: UserId): SessionContext {
  const { partition } = context
  const drops = context.drops.filter((drop) => drop.userId !== userId)
  if (!partition?.missing.includes(userId)) return { ...context, drops }
  const missing = partition.missing.filter((id) => id !== userId)
  if (missing.length > 0) return { ...context, drops, partition: { ...partition, missing } }
  return record(
    { ...context, drops, partition: null },
    {
      type: 'network_partition_detected',
      detectedAt: partition.detectedAt,
      affected: partition.affected,
      recovered: true,
    },
  )
}

/** Whether a partition cut this participant off and they have not come back since. */
export function isCutOff(
  { partition }: { readonly partition: Pick<Partition, 'missing'> | null },
  userId: UserId,
): boolean {
  return partition?.missing.includes(userId) === true
}

function including(ids: readonly UserId[], id: UserId): readonly UserId[] {
  return ids.includes(id) ? ids : [...ids, id]
}
