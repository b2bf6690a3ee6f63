/** One line of a log. */
// biome-ignore lint/suspicious/noExplicitAny: what a server logs is what the test is about
export type LogLine = Record<string, any>

/** The lines of a log. */
export function logLines(log: string): LogLine[] {
  return log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

/** The lines with this message. */
export function linesOf(log: string, message: string): LogLine[] {
  return logLines(log).filter(({ msg }) => msg === message)
}

/** Far longer than anything takes; a test's own limit may be shorter. */
const WAIT_MS_MAX = 30_000

/** Waits for a condition that something outside this process makes true. */
export async function waitUntil(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const limit = Date.now() + WAIT_MS_MAX
  while (!(await isTrue())) {
    if (Date.now() > limit) throw new Error('waited in vain')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
