import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { NAMED_DECKS } from '../../machines/deck.js'
import { paintFor } from '../terminal/paint.js'
import type { SessionView } from '../wire/views.js'
import { Player, type Seen } from './player.js'
import { type Table, tableLines } from './view.js'

const STORIES = [
  'As a guest I can check out without an account',
  'Search by voice',
  'Move the invoices to the new API',
]
const NAMES = [
  'Ada',
  'Alan',
  'Barbara',
  'Dennis',
  'Edsger',
  'Frances',
  'Grace',
  'Hedy',
  'Jean',
  'John',
  'Katherine',
  'Ken',
  'Linus',
  'Margaret',
  'Radia',
  'Tim',
] as const
/** The observer, who never votes: the round does not wait for them. */
const OBSERVER = 'Tim'
const SETTINGS = { deck: 'modified_fibonacci', auto_reveal: true } as const
const CARDS = NAMED_DECKS[SETTINGS.deck]
const THINKING_MS_MAX = 1_500
const PAUSE_MS = 1_200
const SETTLE_MS = 150
const READY_MS_MAX = 15_000
/** Signals that also end the demo's server. */
const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const isTerminal = process.stdout.isTTY === true
let drawnLines = 0

/**
 * Fifteen people play three rounds with a custom deck while one observes; the last card reveals.
 * @param given - a running server's URL; without one the demo starts and stops its own
 * @throws when that server refuses or does not answer
 */
export async function demo(given?: string): Promise<void> {
  if (given !== undefined) return play(given)
  const server = await startServer()
  let ending: Promise<unknown> | null = null
  const onSignal = (signal: NodeJS.Signals) => {
    ending = server.stop().then(() => process.kill(process.pid, signal))
  }
  for (const signal of END_SIGNALS) process.once(signal, onSignal)
  try {
    await play(server.url)
  } catch (error) {
    // A server that was stopped by a signal refuses the players: nothing to report.
    if (ending === null) throw error
    await ending
  } finally {
    for (const signal of END_SIGNALS) process.off(signal, onSignal)
    await server.stop()
  }
}

async function play(url: string): Promise<void> {
  const [first, ...others] = NAMES
  const leader = await Player.create(url, 'Sprint 42', first, SETTINGS)
  const { sessionId } = leader.seat
  const joining = others.map((name) =>
    Player.join(url, sessionId, name, name === OBSERVER ? 'observer' : 'voter'),
  )
  const players = [leader, ...(await Promise.all(joining))]
  const voters = players.filter((_player, index) => NAMES[index] !== OBSERVER)
  const revealed: Seen[] = []
  const streams = players.map((player) =>
    player.watch((seen) => {
      if (seen.envelope.type === 'votes_revealed') revealed.push(seen)
    }),
  )
  for (const [index, story] of STORIES.entries()) {
    const show = (session: SessionView, delivery: Table['delivery']) =>
      draw({ session, round: index + 1, rounds: STORIES.length, delivery })
    revealed.length = 0
    await leader.start(story)
    const votedAt = await Promise.all(
      voters.map((player) => voteAndShow(player, async () => show(await leader.look(), null))),
    )
    // Nobody reveals: the last card does.
    await sleep(SETTLE_MS)
    const slowestMs = Math.max(...revealed.map((seen) => seen.at)) - Math.max(...votedAt)
    const suggestion = (await leader.look()).current_round?.statistics?.suggestion
    if (suggestion != null) await leader.accept(suggestion)
    show(await leader.look(), { streams: revealed.length, slowestMs })
    await sleep(PAUSE_MS)
    drawnLines = 0
  }
  await leader.end()
  await Promise.all(streams)
}

/**
 * Thinks for a while, votes near the middle of the deck, shows the table.
 * @returns when the card was sent
 */
async function voteAndShow(player: Player, show: () => Promise<void>): Promise<number> {
  await sleep(Math.random() * THINKING_MS_MAX)
  const pick = Math.floor((Math.random() + Math.random()) * (CARDS.length / 2))
  const sentAt = performance.now()
  await player.vote(CARDS[pick] ?? '5')
  await show()
  return sentAt
}

/** On a terminal, redraws the table in place; elsewhere prints only the revealed table. */
function draw(table: Table): void {
  if (!isTerminal && table.delivery === null) return
  const lines = tableLines(table, paintFor(process.stdout))
  if (isTerminal && drawnLines > 0) process.stdout.write(`\u001b[${drawnLines}A\u001b[J`)
  process.stdout.write(`${lines.join('\n')}\n\n`)
  drawnLines = lines.length + 1
}

/** This program's own server on a free port, with default settings regardless of the environment and `.env`. */
async function startServer(): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const entry = process.argv[1] ?? ''
  const child = spawn(process.execPath, [entry], {
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_REQUESTS: 'false',
    },
    cwd: dirname(entry),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  // However this process ends, even when its terminal closes: nobody else knows about the server.
  process.once('exit', () => child.kill('SIGKILL'))
  const port = await new Promise<number>((resolve, reject) => {
    let output = ''
    const limit = setTimeout(() => reject(new Error('the server did not become ready')), READY_MS_MAX)
    child.once('exit', (code) => reject(new Error(`the server exited with ${code}`)))
    child.stdout.on('data', (chunk) => {
      output += chunk
      const ready = /"port":(\d+)[^\n]*"msg":"ready"/.exec(output)
      if (ready === null) return
      clearTimeout(limit)
      resolve(Number(ready[1]))
    })
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = () => {
    child.kill('SIGTERM')
    return exited
  }
  return { url: `http://127.0.0.1:${port}`, stop }
}
