import type { SessionId } from '../../machines/ids.js'
import type { SessionActor } from '../../machines/session/machine.js'
import type { SupervisorActor } from '../../machines/supervisor/machine.js'

/** An actor of this process, and what it runs. */
export type RunningActor =
  | { readonly kind: 'supervisor'; readonly actor: SupervisorActor }
  | { readonly kind: 'session'; readonly id: SessionId; readonly actor: SessionActor }

/** Called with every actor just before it starts; for development tools. Must not throw. */
export type OnActor = (running: RunningActor) => void
