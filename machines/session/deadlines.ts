import type { EpochMs } from '../ids.js'
import type { SessionContext } from './context.js'
import { isAnnounced, lifeDeadline } from './lifecycle.js'
import { partitionDeadline } from './partition.js'
import { presenceDeadline } from './presence.js'

/**
 * When each of the chart's delayed transitions is due, computed from absolute times in the context; `null`:
 * not at all, such as a warning that was already given. So a restored session has the same timers as one that
 * never stopped.
 */
export const DEADLINES = {
  roundDeadline: ({ round, roundTimers }) => (round?.isTimeUp ? null : (roundTimers.voting ?? null)),
  revealDeadline: ({ roundTimers }) => roundTimers.revealing ?? null,
  graceWarning: ({ grace, settings }) =>
    grace === null || grace.isWarned || settings.graceWarningMs >= settings.graceMs
      ? null
      : grace.expiresAt - settings.graceWarningMs,
  graceDeadline: ({ grace }) => grace?.expiresAt ?? null,
  idleWarning: (context) => {
    const { idleDeadline, idleWarnedFor, settings } = context
    const isDue =
      idleWarnedFor !== idleDeadline &&
      settings.idleWarningMs < settings.idleMs &&
      isAnnounced(context, 'timeout')
    return isDue ? idleDeadline - settings.idleWarningMs : null
  },
  idleDeadline: ({ idleDeadline }) => idleDeadline,
  lifeWarning: (context) => {
    const deadline = lifeDeadline(context)
    const { idleWarningMs, lifeMs } = context.settings
    const isDue = !context.isLifeWarned && idleWarningMs < (lifeMs ?? 0) && isAnnounced(context, 'life_over')
    return deadline !== null && isDue ? deadline - idleWarningMs : null
  },
  lifeDeadline,
  presenceDeadline,
  partitionDeadline,
} as const satisfies Record<string, (context: SessionContext) => EpochMs | null>

export type DeadlineName = keyof typeof DEADLINES

/** How long until a deadline, in the form XState expects: 0 when it has passed, `Infinity` when there is none. */
export function delayUntil(name: DeadlineName) {
  return ({ context }: { readonly context: SessionContext }): number => {
    const deadline = DEADLINES[name](context)
    return deadline === null ? Number.POSITIVE_INFINITY : Math.max(0, deadline - context.now)
  }
}
