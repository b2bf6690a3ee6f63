/** Observers see everything and take a seat, but never vote, and nobody waits for them. */
export type Role = 'voter' | 'observer'
