import { z } from 'zod'

const crowd = z.object({
  /** Of the servers, which share their sessions where there are several. */
  ports: z.array(z.number()),
  /** The people of one session are at different servers; otherwise a session has one, and the next session the next one. */
  isSpread: z.boolean(),
  protocol: z.enum(['sse', 'socket.io']),
  sessions: z.number(),
  users: z.number(),
  hasOwnConnections: z.boolean(),
})

/** What the load client is to do to one server, once. */
export const jobSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('load'),
    /** `lock-step`: next command when all is in; `burst`: all votes at once; `paced`: one command each {@link PACE_MS}. */
    mode: z.enum(['lock-step', 'burst', 'paced']),
    crowd,
    serverPids: z.array(z.number()),
    /** `null`: there is none. */
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
    /** Played to their end before the one in which everybody has voted. */
    rounds: z.number(),
  }),
])

/** What came of it; each figure's name says its unit. */
export const figuresSchema = z.record(z.string(), z.number())

export type Job = z.infer<typeof jobSchema>
export type JobOf<Kind extends Job['kind']> = Extract<Job, { kind: Kind }>
export type Figures = z.infer<typeof figuresSchema>
