import { z } from 'zod'

const crowd = z.object({
  port: z.number(),
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
    serverPid: z.number(),
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
  z.object({ kind: z.literal('populate'), crowd }),
])

/** What came of it; each figure's name says its unit. */
export const figuresSchema = z.record(z.string(), z.number())

export type Job = z.infer<typeof jobSchema>
export type JobOf<Kind extends Job['kind']> = Extract<Job, { kind: Kind }>
export type Figures = z.infer<typeof figuresSchema>
