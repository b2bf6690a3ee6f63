import { z } from 'zod'

const crowd = z.object({
  /** The servers' ports; several servers share their sessions. */
  ports: z.array(z.number()),
  /** Each session's people are spread over the servers; otherwise whole sessions take turns. */
  isSpread: z.boolean(),
  protocol: z.enum(['sse', 'socket.io']),
  sessions: z.number(),
  users: z.number(),
  hasOwnConnections: z.boolean(),
})

/** What the load client does to one server, once. */
export const jobSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('load'),
    /** `lock-step`: next once all is in; `burst`: all votes at once; `paced`: one every {@link PACE_MS}. */
    mode: z.enum(['lock-step', 'burst', 'paced']),
    crowd,
    serverPids: z.array(z.number()),
    /** `null` without Redis. */
    redisPid: z.number().nullable(),
    warmUpMs: z.number(),
    measureMs: z.number(),
  }),
  z.object({
    kind: z.literal('idle'),
    crowd,
    serverPid: z.number(),
    settleMs: z.number(),
    measureMs: z.number(),
  }),
  z.object({ kind: z.literal('storm'), crowd, serverPid: z.number() }),
  z.object({
    kind: z.literal('populate'),
    crowd,
    /** Rounds played to the end before the one in which everybody has voted. */
    rounds: z.number(),
  }),
])

/** The results; each figure's name includes its unit. */
export const figuresSchema = z.record(z.string(), z.number())

export type Job = z.infer<typeof jobSchema>
export type JobOf<Kind extends Job['kind']> = Extract<Job, { kind: Kind }>
export type Figures = z.infer<typeof figuresSchema>
