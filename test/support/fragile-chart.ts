import { assign } from 'xstate'
import { type SessionMachine, sessionMachine } from '../../machines/session/machine.js'

export interface FragileChart {
  readonly machine: SessionMachine
  readonly fuse: { isLit: boolean }
}

/** The chart with one action that throws, once, when its fuse is lit. */
export function fragile(action: 'castVote' | 'startRound' | 'revealVotes' | 'extend' | 'join'): FragileChart {
  const fuse = { isLit: false }
  const original = sessionMachine.implementations.actions[action]
  const machine = sessionMachine.provide({
    actions: {
      [action]: assign((args, params) => {
        if (fuse.isLit) {
          fuse.isLit = false
          throw new Error('the fuse')
        }
        if (typeof original !== 'function' || !('assignment' in original)) throw new Error('no such update')
        return (original.assignment as (args: unknown, params: unknown) => object)(args, params)
      }),
    },
  })
  return { machine, fuse }
}
