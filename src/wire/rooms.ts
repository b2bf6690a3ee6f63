import * as z from 'zod'
import { room } from './room.js'
import { stale } from './scalars.js'
import { sessionSummaryView } from './views.js'

/** The session in a room. */
export const roomView = z.strictObject({
  room,
  session: sessionSummaryView.nullable().meta({ description: 'null while nobody has opened the room' }),
  stale,
})

export type RoomView = z.infer<typeof roomView>
