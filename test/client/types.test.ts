import type {
  AnyEnvelope,
  EventData,
  EventType,
  Seat,
  SessionClient,
  SessionCommands,
  SessionView,
} from '../../src/client/client.js'

/** True when two types are the same. */
type Same<One, Other> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false

/** Fails to compile, in `npm run check:types`, unless the type is `true`. */
function holds<_ extends true>(): void {}

test("the client's types say what the wire says", () => {
  holds<Same<EventData<'votes_revealed'>['statistics']['average'], number | null>>()
  holds<Same<Extract<AnyEnvelope, { type: 'user_left' }>['data']['reason'], 'left' | 'kicked'>>()
  holds<Same<AnyEnvelope['type'], EventType>>()
  holds<Same<SessionClient['state'], SessionView | null>>()
  holds<Same<SessionClient['seat'], Seat | null>>()
  // The deck belongs to the session, so a card may be any text.
  holds<Same<Parameters<SessionCommands['vote']>[0], string | null>>()
  // @ts-expect-error a card is not a number
  const card: Parameters<SessionCommands['vote']>[0] = 4
  expect(card).toBe(4)
})
