import { assign } from 'xstate'
import { type SessionMachine, sessionMachine } from '../../machines/session/machine.js'

/** An action throws, once, when its fuse is lit. */
export interface Fuse {
  isLit: boolean
}

export interface FragileChart {
  readonly machine: SessionMachine
  readonly fuse: Fuse
}

export type FragileAction =
  | 'castVote'
  | 'startRound'
  | 'revealVotes'
  | 'extend'
  | 'join'
  | 'reportStreams'
  | 'lapse'

/** The chart with one action that throws, once, when its fuse is lit. */
export function fragile(action: FragileAction): FragileChart {
  const fuse = { isLit: false }
  return { machine: fragileIn({ [action]: fuse }), fuse }
}

/** The chart with several such actions, each with its own fuse. */
export function fragileIn(fuses: Readonly<Partial<Record<FragileAction, Fuse>>>): SessionMachine {
  const actions = Object.entries(fuses).map(([action, fuse]) => [action, blown(action, fuse)])
  return sessionMachine.provide({ actions: Object.fromEntries(actions) })
}

function blown(action: string, fuse: Fuse) {
  const originals: Readonly<Record<string, unknown>> = sessionMachine.implementations.actions
  const original = originals[action]
  return assign((args, params) => {
    if (fuse.isLit) {
      fuse.isLit = false
      throw new Error('the fuse')
    }
    if (typeof original !== 'function' || !('assignment' in original)) throw new Error('no such update')
    return (original.assignment as (args: unknown, params: unknown) => object)(args, params)
  })
}
