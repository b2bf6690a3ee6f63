/*
 * What presence, leadership and versions should be, written down once more and independently: no
 * statecharts, no shared code, one list of timers.
 */

export const DEBOUNCE_MS = 2_000
export const GRACE_MS = 300_000
export const GRACE_WARNING_MS = 120_000
export const SEATS = 16
const PARTITION_WINDOW_MS = 5_000

interface Member {
  readonly id: string
  isOnline: boolean
  streams: number
  /** No stream for longer than the debounce; only a stream or a reconnect changes that. */
  isAway: boolean
}

interface Timer {
  readonly at: number
  readonly name: string
  readonly run: () => void
}

/** What can be seen from outside. */
export interface Observation {
  readonly status: string
  readonly leader: string
  readonly online: readonly (readonly [string, boolean])[]
  readonly version: number
}

export class Reference {
  readonly members: Member[]
  leader: string
  #now = 0
  #version = 0
  #phase: 'led' | 'grace_period' | 'abandoned' = 'led'
  #isPaused = false
  #round: 'waiting' | 'voting' | 'results' = 'waiting'
  #timers: Timer[] = []
  #drops: { id: string; at: number }[] = []
  #missing: string[] | null = null

  constructor(leader: string) {
    this.leader = leader
    this.members = [{ id: leader, isOnline: true, streams: 0, isAway: false }]
  }

  observe(): Observation {
    return {
      status: this.#phase === 'led' ? (this.#isPaused ? 'paused' : this.#round) : STATUS[this.#phase],
      leader: this.leader,
      online: this.members.map(({ id, isOnline }) => [id, isOnline]),
      version: this.#version,
    }
  }

  /** Which of the model's situations this is, so that a test can tell that all were met. */
  whereabouts(): string[] {
    return [
      this.#phase,
      ...(this.#isPaused ? ['paused'] : []),
      ...(this.#missing === null ? [] : ['partition']),
    ]
  }

  member(id: string): Member {
    const member = this.members.find((other) => other.id === id)
    if (member === undefined) throw new Error(`${id} is not in`)
    return member
  }

  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const due = this.#timers.filter((timer) => timer.at <= end).sort((one, other) => one.at - other.at)[0]
      if (due === undefined) break
      this.#timers = this.#timers.filter((timer) => timer !== due)
      this.#now = due.at
      due.run()
    }
    this.#now = end
  }

  join(id: string): void {
    this.members.push({ id, isOnline: true, streams: 0, isAway: false })
    this.#version += 1
    this.#takeUp(id)
    this.#settle()
  }

  /** Left or kicked; somebody else is still in. */
  remove(id: string): void {
    this.members.splice(this.members.indexOf(this.member(id)), 1)
    this.#cancel(`debounce ${id}`)
    this.#version += 1
    if (this.leader === id) this.#handOver()
    this.#found(id)
    this.#settle()
  }

  open(id: string): void {
    const member = this.member(id)
    member.streams += 1
    this.#cancel(`debounce ${id}`)
    if (!member.isAway) return
    member.isAway = false
    this.#back(id)
  }

  close(id: string): void {
    const member = this.member(id)
    member.streams -= 1
    if (member.streams === 0) this.#setTimer(`debounce ${id}`, DEBOUNCE_MS, () => this.#lost(member))
  }

  reconnect(id: string): void {
    const member = this.member(id)
    if (member.streams === 0) this.#cancel(`debounce ${id}`)
    member.isAway = false
    this.#back(id)
  }

  /** A round's command; refused ones change nothing. */
  play(command: 'start' | 'vote' | 'reveal' | 'pause' | 'resume', by: string): void {
    if (command !== 'vote' && by !== this.leader) return
    if (command === 'resume') this.#resume(by)
    else if (this.#phase === 'led' && !this.#isPaused) this.#playLed(command, by)
  }

  #playLed(command: 'start' | 'vote' | 'reveal' | 'pause', by: string): void {
    if (command === 'pause') {
      this.#isPaused = true
      this.#version += 1
      return
    }
    if (this.#missing?.includes(by)) return
    if (command === 'start' && this.#round !== 'voting') {
      this.#round = 'voting'
      this.#version += 1
    } else if (command === 'vote' && this.#round === 'voting') {
      this.#version += 1
    } else if (command === 'reveal' && this.#round === 'voting') {
      this.#round = 'results'
      this.#version += 2
    }
  }

  #resume(by: string): void {
    if (this.#phase === 'abandoned') {
      this.#back(by)
      this.#isPaused = false
    } else if (this.#phase === 'led' && this.#isPaused) {
      this.#isPaused = false
      this.#version += 1
    }
  }

  #lost(member: Member): void {
    member.isAway = true
    if (!member.isOnline) return
    member.isOnline = false
    this.#version += 1
    this.#drops = this.#drops.filter(
      (drop) => drop.id !== member.id && this.#now - drop.at <= PARTITION_WINDOW_MS,
    )
    this.#drops.push({ id: member.id, at: this.#now })
    const online = this.members.filter((other) => other.isOnline).length
    if (this.#missing !== null) {
      this.#missing.push(member.id)
    } else if (this.#drops.length >= 2 && this.#drops.length >= (online + this.#drops.length) / 2) {
      this.#missing = this.#drops.map((drop) => drop.id)
      this.#version += 1
    }
    this.#settle()
  }

  #back(id: string): void {
    const member = this.member(id)
    if (member.isOnline) return
    member.isOnline = true
    this.#version += 1
    this.#found(id)
    this.#takeUp(id)
    this.#settle()
  }

  /** Back or gone: no longer missing in a partition. */
  #found(id: string): void {
    this.#drops = this.#drops.filter((drop) => drop.id !== id)
    if (!this.#missing?.includes(id)) return
    this.#missing = this.#missing.filter((other) => other !== id)
    if (this.#missing.length > 0) return
    this.#missing = null
    this.#version += 1
  }

  #takeUp(id: string): void {
    if (this.#phase !== 'abandoned') return
    this.#phase = 'led'
    if (this.leader !== id) this.#version += 1
    this.leader = id
    this.#version += 1
  }

  #handOver(): void {
    const others = this.members.filter((member) => member.id !== this.leader)
    this.leader = (others.find((member) => member.isOnline) ?? others[0])?.id ?? this.leader
    this.#version += 1
  }

  /** A grace period is when the leader is away and somebody else is in. */
  #settle(): void {
    const isMissed = this.members.length > 1 && !this.member(this.leader).isOnline
    if (this.#phase === 'led' && isMissed) {
      this.#phase = 'grace_period'
      this.#version += 1
      this.#setTimer('warning', GRACE_MS - GRACE_WARNING_MS, () => {
        this.#version += 1
        this.#setTimer('deadline', GRACE_WARNING_MS, () => this.#giveUpWaiting())
      })
    } else if (this.#phase === 'grace_period' && !isMissed) {
      this.#phase = 'led'
      this.#version += 1
      this.#cancel('warning')
      this.#cancel('deadline')
    }
  }

  #giveUpWaiting(): void {
    this.#version += 2
    if (this.members.some((member) => member.isOnline)) {
      this.#version -= 1
      this.#handOver()
      this.#phase = 'led'
    } else {
      this.#phase = 'abandoned'
    }
  }

  #setTimer(name: string, ms: number, run: () => void): void {
    this.#cancel(name)
    this.#timers.push({ name, at: this.#now + ms, run })
  }

  #cancel(name: string): void {
    this.#timers = this.#timers.filter((timer) => timer.name !== name)
  }
}

const STATUS = { grace_period: 'grace_period', abandoned: 'paused' } as const
