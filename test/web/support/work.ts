import type { Browser, Page } from 'playwright-core'

/** What a page's main thread does in one go. */
export interface Task {
  /** When it began, in microseconds of the trace. */
  readonly ts: number
  /** Milliseconds on the processor: other work on this machine does not count. */
  readonly cpuMs: number
}

/** What a page did while it was traced. */
export interface Work {
  readonly tasks: readonly Task[]
  /** When the page set a mark of this name, on the clock of the tasks. */
  markedAt(name: string): number
}

interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly tid: number
  readonly ts: number
  /** Microseconds on the processor. */
  readonly tdur?: number
}

const MICROSECONDS = 1_000

/**
 * How long the yardstick takes on the machine that the limits of these tests were set on, in milliseconds of
 * CPU time. A machine that takes longer for it is slower, and may take longer for the page.
 */
const YARDSTICK_MS = 16
const YARDSTICKS = 3

/** A CPU time converted to the machine that the limits were set on; never upwards. */
export const onReference = (cpuMs: number, yardstickMs: number) =>
  cpuMs * Math.min(1, YARDSTICK_MS / yardstickMs)

/** Traces what a page does during `act`. */
export async function trace(browser: Browser, page: Page, act: () => Promise<void>): Promise<Work> {
  await browser.startTracing(page, { categories: ['toplevel', 'blink.user_timing'] })
  await act()
  await page.evaluate(() => performance.mark('this page'))
  const { traceEvents }: { traceEvents: TraceEvent[] } = JSON.parse(
    (await browser.stopTracing()).toString('utf8'),
  )
  const mark = traceEvents.findLast(({ name }) => name === 'this page')
  if (mark === undefined) throw new Error('the trace has nothing of this page')
  const own = traceEvents.filter(({ pid, tid }) => pid === mark.pid && tid === mark.tid)
  const tasks = own
    .filter(({ name, tdur }) => /RunTask$/.test(name) && tdur !== undefined)
    .map(({ ts, tdur = 0 }) => ({ ts, cpuMs: tdur / MICROSECONDS }))
  if (tasks.length === 0) throw new Error('the trace has no time on the processor')
  return {
    tasks,
    markedAt: (name) => {
      const marked = own.findLast((event) => event.name === name)
      if (marked === undefined) throw new Error(`nothing was marked as ${name}`)
      return marked.ts
    },
  }
}

/** How long a fixed piece of work takes this page's thread now, in milliseconds of CPU time. */
export async function yardstick(browser: Browser, page: Page): Promise<number> {
  const { tasks } = await trace(browser, page, async () => {
    await page.evaluate(async (times) => {
      for (let time = 0; time < times; time += 1) {
        // As a task of its own.
        await new Promise((resolve) => setTimeout(resolve))
        const box = document.createElement('div')
        document.body.append(box)
        for (let round = 0; round < 4; round += 1) {
          for (let index = 0; index < 500; index += 1) {
            const line = document.createElement('p')
            line.textContent = `${round}, ${index * 7919}`
            box.append(line)
          }
          if (box.offsetHeight < 0) throw new Error('there is no layout')
        }
        box.remove()
      }
    }, YARDSTICKS)
  })
  const longest = tasks.map(({ cpuMs }) => cpuMs).sort((one, other) => other - one)
  // The first is slower than the others: its code is not compiled yet.
  return longest[YARDSTICKS - 1] ?? 0
}
