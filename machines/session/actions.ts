import { assign } from 'xstate'
import type { SessionCommand, SessionCommandOf } from './commands.js'
import type { SessionContext } from './context.js'

/**
 * The action that applies the update for one type of command; a chart that lets another type through is faulty.
 * @param change - returns the new context, or only what changes in it
 */
export function onCommand<Type extends SessionCommand['type']>(
  type: Type,
  change: (context: SessionContext, command: SessionCommandOf<Type>) => Partial<SessionContext>,
) {
  return assign<SessionContext, SessionCommand, undefined, SessionCommand, never>(({ context, event }) => {
    if (!isCommand(event, type)) throw new Error(`an update for ${type} was given ${event.type}`)
    return change(context, event)
  })
}

/** The action for an update that needs no command: a timer's, or a follow-up in the same step. */
export function onContext(change: (context: SessionContext) => SessionContext) {
  return assign<SessionContext, SessionCommand, undefined, SessionCommand, never>(({ context }) =>
    change(context),
  )
}

function isCommand<Type extends SessionCommand['type']>(
  command: SessionCommand,
  type: Type,
): command is SessionCommandOf<Type> {
  return command.type === type
}
