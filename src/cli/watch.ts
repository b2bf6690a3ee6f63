import { MagnaPPError, watchSession } from '../client/client.js'
import { requestJson } from '../client/http.js'
import { printable, printableJson } from '../terminal/printable.js'
import type { SessionView } from '../wire/views.js'
import { CommandError, EXIT } from './exit.js'
import { displayOf } from './watch-display.js'
import { type Target, targetOf, type Watching } from './watch-target.js'

const FIRST_ANSWER_MS_MAX = 5_000
/** Added to a signal's number to get its exit code, as shells do. */
const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143 } as const

/**
 * `magnapp watch`: follows a session until it ends. On a terminal it draws a table in place; elsewhere
 * it prints one line per event, and connection changes on stderr. Text from the server or from
 * participants reaches the terminal only if it is printable.
 * @throws {CommandError} when there is no such session, or the server does not answer the first request
 */
export async function watch(watching: Watching): Promise<number> {
  const target = await targetOf(watching)
  await expectSession(target)
  const abort = new AbortController()
  let exitCode: number = EXIT.ok
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      exitCode = SIGNAL_EXIT[signal]
      abort.abort()
    })
  }
  const { sessionId, url, fetcher } = target
  const client = watchSession(sessionId, { url, fetch: fetcher, signal: abort.signal })
  const display = displayOf(client, url)
  const unsubscribe = client.subscribe(() => display.look())
  try {
    for await (const event of client.events()) display.show(printableJson(event))
    return exitCode
  } catch (error) {
    throw error instanceof MagnaPPError ? refusal(error) : error
  } finally {
    await client.close()
    unsubscribe()
    display.end()
  }
}

/** The client would retry forever; a user who mistyped an address wants to know at once. */
async function expectSession({ url, sessionId, fetcher }: Target): Promise<void> {
  const sending = { fetcher, signal: new AbortController().signal, limitMs: FIRST_ANSWER_MS_MAX }
  try {
    await requestJson<SessionView>(`${url}/api/sessions/${sessionId}`, {}, sending)
  } catch (error) {
    if (error instanceof MagnaPPError) throw refusal(error)
    throw new CommandError(`${printable(url)} does not answer: ${causeOf(error)}`)
  }
}

function refusal(error: MagnaPPError): CommandError {
  return new CommandError(printable(error.message))
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(cause instanceof Error)) return String(cause)
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message
}
