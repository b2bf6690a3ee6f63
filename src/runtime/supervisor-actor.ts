import type { SupervisorActor, SupervisorCommand, Verdict } from '../../machines/supervisor/machine.js'

/** Has the supervisor's actor decide something. */
export function verdictOn(actor: SupervisorActor, question: SupervisorCommand): Verdict | null {
  actor.send(question)
  return actor.getSnapshot().context.verdict
}

/** Whether no more sessions are created. */
export function isDraining(actor: SupervisorActor): boolean {
  const { value } = actor.getSnapshot()
  return value === 'stopped' || value.running === 'draining'
}

/** Whether no session runs here any more. */
export function hasStopped(actor: SupervisorActor): boolean {
  return actor.getSnapshot().value === 'stopped'
}
