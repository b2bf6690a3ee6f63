/*
 * What presence, leadership and versions should be, written a second time from the contract (sections 3
 * and 6), independently: no statecharts, no shared code. Time jumps from one deadline to the next.
 */

export const DEBOUNCE_MS = 2_000
export const PRESENCE_MS = 60_000
export const LEASE_MS = 75_000
export const GRACE_MS = 300_000
export const GRACE_WARNING_MS = 120_000
export const SEATS = 16
/** How long the people of a lost node have to come back on another. */
export const NODE_LOST_MS = 15_000
const PARTITION_WINDOW_MS = 5_000
/** A sign of life is recorded at most every third of its time, and so counts that third longer. */
const SIGN_MS = PRESENCE_MS + PRESENCE_MS / 3

interface Member {
  readonly id: string
  isOnline: boolean
  /** Open streams, by node. */
  readonly streams: Map<string, number>
  /** How long they count as present without a stream. */
  presentUntil: number
  leaseUntil: number
}

/** What can be seen from outside. */
export interface Observation {
  readonly status: string
  readonly leader: string
  readonly online: readonly (readonly [string, boolean])[]
  readonly version: number
}

const NEVER = Number.POSITIVE_INFINITY

export class Reference {
  readonly members: Member[] = []
  leader: string
  #now = 0
  #version = 0
  #phase: 'led' | 'grace_period' | 'abandoned' = 'led'
  #isPaused = false
  #round: 'waiting' | 'voting' | 'results' = 'waiting'
  #graceEndsAt = NEVER
  #isGraceWarned = false
  #heirs: string[] = []
  #drops: { id: string; at: number }[] = []
  #partition: { readonly detectedAt: number; missing: string[] } | null = null

  constructor(leader: string) {
    this.leader = leader
    this.#seat(leader)
  }

  observe(): Observation {
    return {
      status: this.#phase === 'led' ? (this.#isPaused ? 'paused' : this.#round) : STATUS[this.#phase],
      leader: this.leader,
      online: this.members.map(({ id, isOnline }) => [id, isOnline]),
      version: this.#version,
    }
  }

  /** The model's current situations, so that a test can tell that all have occurred. */
  whereabouts(): string[] {
    return [
      this.#phase,
      ...(this.#isPaused ? ['paused'] : []),
      ...(this.#partition === null ? [] : ['partition']),
      ...(this.members.some(({ leaseUntil, isOnline }) => isOnline && leaseUntil < NEVER) ? ['leased'] : []),
      ...(this.members.some((member) => !member.isOnline && streamsOf(member) > 0) ? ['half open'] : []),
      ...(this.#heirs.length > 0 && this.members.some(({ isOnline }) => isOnline) ? ['newcomer waits'] : []),
    ]
  }

  member(id: string): Member {
    const member = this.members.find((other) => other.id === id)
    if (member === undefined) throw new Error(`${id} is not in`)
    return member
  }

  streams(id: string, node: string): number {
    return this.member(id).streams.get(node) ?? 0
  }

  advance(ms: number): void {
    const end = this.#now + ms
    while (this.#nextDeadline() <= end) {
      this.#now = this.#nextDeadline()
      this.#fire()
    }
    this.#now = end
  }

  join(id: string): void {
    this.#seat(id)
    this.#version += 1
    this.#settle()
  }

  /** They leave on their own or are kicked; somebody else is still in. */
  leave(id: string): void {
    this.sign(id)
    this.#remove(id)
  }

  kick(id: string): void {
    this.sign(this.leader)
    if (id !== this.leader) this.#remove(id)
  }

  /** This many streams are open on a node now. */
  level(id: string, node: string, open: number): void {
    const member = this.member(id)
    const before = this.streams(id, node)
    member.streams.set(node, open)
    if (open > before) {
      member.presentUntil = NEVER
      this.#back(id)
    } else if (open < before && streamsOf(member) === 0 && member.isOnline) {
      member.presentUntil = this.#now + DEBOUNCE_MS
      this.advance(0)
    }
  }

  /** A node is gone, and all streams that were open there with it. */
  lose(node: string): void {
    for (const member of this.members) {
      if ((member.streams.get(node) ?? 0) === 0) continue
      member.streams.set(node, 0)
      if (streamsOf(member) > 0 || !member.isOnline) continue
      member.presentUntil = this.#now + NODE_LOST_MS
      member.leaseUntil = Math.max(member.leaseUntil, member.presentUntil)
    }
  }

  /** Any request that proves somebody's identity. */
  sign(id: string): void {
    const member = this.member(id)
    const isNews = !member.isOnline || member.presentUntil < this.#now + PRESENCE_MS
    if (isNews) this.#show(member, SIGN_MS)
  }

  reconnect(id: string): void {
    this.#show(this.member(id), SIGN_MS)
  }

  heartbeat(id: string): void {
    const member = this.member(id)
    this.#show(member, LEASE_MS)
    member.leaseUntil = this.#now + LEASE_MS
  }

  /** A command for a round; a refused one changes nothing, except that it shows somebody present. */
  play(command: 'start' | 'vote' | 'reveal' | 'pause' | 'resume', by: string): void {
    this.sign(by)
    if (command !== 'vote' && by !== this.leader) return
    if (this.#phase !== 'led') return
    if (command === 'resume') {
      if (this.#isPaused) this.#version += 1
      this.#isPaused = false
    } else if (!this.#isPaused) {
      this.#playRound(command)
    }
  }

  #playRound(command: 'start' | 'vote' | 'reveal' | 'pause'): void {
    if (command === 'pause') {
      this.#isPaused = true
      this.#version += 1
    } else if (command === 'start' && this.#round !== 'voting') {
      this.#round = 'voting'
      this.#version += 1
    } else if (command === 'vote' && this.#round === 'voting') {
      this.#version += 1
    } else if (command === 'reveal' && this.#round === 'voting') {
      this.#round = 'results'
      this.#version += 2
    }
  }

  #seat(id: string): void {
    const presentUntil = this.#now + SIGN_MS
    this.members.push({ id, isOnline: true, streams: new Map(), presentUntil, leaseUntil: NEVER })
  }

  #remove(id: string): void {
    this.members.splice(this.members.indexOf(this.member(id)), 1)
    this.#heirs = this.#heirs.filter((heir) => heir !== id)
    this.#version += 1
    if (this.leader === id) this.#handOver()
    this.#found(id)
    this.#settle()
  }

  #show(member: Member, ms: number): void {
    const until = this.#now + ms
    if (streamsOf(member) > 0) member.presentUntil = NEVER
    else if (!member.isOnline || member.presentUntil < until) member.presentUntil = until
    this.#back(member.id)
  }

  #nextDeadline(): number {
    const warning = this.#isGraceWarned ? NEVER : this.#graceEndsAt - GRACE_WARNING_MS
    const presence = this.members.map(awayAt)
    return Math.min(warning, this.#graceEndsAt, ...presence, this.#partitionEndsAt())
  }

  #partitionEndsAt(): number {
    return this.#partition === null ? NEVER : this.#partition.detectedAt + GRACE_MS
  }

  #fire(): void {
    if (this.#graceEndsAt <= this.#now) this.#giveUpWaiting()
    else if (!this.#isGraceWarned && this.#graceEndsAt - GRACE_WARNING_MS <= this.#now) {
      this.#isGraceWarned = true
      this.#version += 1
    } else if (this.members.some((member) => awayAt(member) <= this.#now)) {
      for (const member of this.members) if (awayAt(member) <= this.#now) this.#lost(member)
      this.#settle()
    } else {
      this.#partition = null
      this.#version += 1
    }
  }

  #lost(member: Member): void {
    member.isOnline = false
    member.presentUntil = NEVER
    member.leaseUntil = NEVER
    this.#version += 1
    this.#drops = this.#drops.filter(
      ({ id, at }) => id !== member.id && this.#now - at <= PARTITION_WINDOW_MS,
    )
    this.#drops.push({ id: member.id, at: this.#now })
    const online = this.members.filter((other) => other.isOnline).length
    if (this.#partition !== null && this.#now - this.#partition.detectedAt <= PARTITION_WINDOW_MS) {
      this.#partition.missing.push(member.id)
    } else if (this.#drops.length >= 2 && this.#drops.length >= (online + this.#drops.length) / 2) {
      const missing = new Set([...(this.#partition?.missing ?? []), ...this.#drops.map(({ id }) => id)])
      this.#partition = { detectedAt: this.#now, missing: [...missing] }
      this.#version += 1
    }
  }

  #back(id: string): void {
    const member = this.member(id)
    if (member.isOnline) return
    member.isOnline = true
    this.#version += 1
    this.#found(id)
    if (this.#phase === 'abandoned' && this.#heirs.includes(id)) {
      this.#phase = 'led'
      this.#heirs = []
      if (this.leader !== id) this.#version += 1
      this.leader = id
      this.#version += 1
    }
    this.#settle()
  }

  /** They are back or gone: no longer missing in a partition. */
  #found(id: string): void {
    this.#drops = this.#drops.filter((drop) => drop.id !== id)
    if (!this.#partition?.missing.includes(id)) return
    this.#partition.missing = this.#partition.missing.filter((other) => other !== id)
    if (this.#partition.missing.length > 0) return
    this.#partition = null
    this.#version += 1
  }

  #handOver(): void {
    const others = this.members.filter((member) => member.id !== this.leader)
    this.leader = (others.find((member) => member.isOnline) ?? others[0])?.id ?? this.leader
    this.#version += 1
  }

  /** There is a grace period while the leader is away and somebody else is in. */
  #settle(): void {
    const isMissed = this.members.length > 1 && !this.member(this.leader).isOnline
    if (this.#phase === 'led' && isMissed) {
      this.#phase = 'grace_period'
      this.#version += 1
      this.#graceEndsAt = this.#now + GRACE_MS
      this.#isGraceWarned = false
    } else if (this.#phase === 'grace_period' && !isMissed) {
      this.#phase = 'led'
      this.#version += 1
      this.#graceEndsAt = NEVER
    }
  }

  #giveUpWaiting(): void {
    this.#graceEndsAt = NEVER
    this.#version += 2
    if (this.members.some((member) => member.isOnline)) {
      this.#version -= 1
      this.#handOver()
      this.#phase = 'led'
    } else {
      this.#phase = 'abandoned'
      this.#heirs = this.members.map(({ id }) => id)
    }
  }
}

function streamsOf({ streams }: Member): number {
  return [...streams.values()].reduce((total, open) => total + open, 0)
}

function awayAt({ isOnline, presentUntil, leaseUntil }: Member): number {
  return isOnline ? Math.min(presentUntil, leaseUntil) : NEVER
}

const STATUS = { grace_period: 'grace_period', abandoned: 'paused' } as const
