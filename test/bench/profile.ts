import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { areaOf } from './areas.js'
import { SERVER_CORE, underLoad } from './measure.js'
import { startPinned } from './servers.js'

/*
 * npm run profile: where each microsecond goes between a command and its events, in the saturated
 * 100 × 16 scenario. Self time by area, per command and per delivered event.
 */

const INTERVAL_US = 200
const WARM_UP_MS = 3_000
const MEASURE_MS = 6_000
const US_PER_S = 1_000_000

const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
      children: z.array(z.number()).optional(),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
})

type Profile = z.infer<typeof profileSchema>

const folder = mkdtempSync(join(tmpdir(), 'magnapp-profile-'))
try {
  await main()
} finally {
  rmSync(folder, { recursive: true })
}

async function main(): Promise<void> {
  const server = await startPinned('magnapp', {
    core: SERVER_CORE,
    // The compiled sources, file by file: in the bundle, areas cannot be told apart.
    entry: '../dist/src/cli/main.js',
    nodeArguments: ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-interval=${INTERVAL_US}`],
  })
  const { port, pid } = server
  const figures = await underLoad({
    kind: 'load',
    mode: 'lock-step',
    crowd: {
      ports: [port],
      isSpread: false,
      protocol: 'sse',
      sessions: 100,
      users: 16,
      hasOwnConnections: false,
    },
    serverPids: [pid],
    redisPid: null,
    warmUpMs: WARM_UP_MS,
    measureMs: MEASURE_MS,
  })
  await server.stop('SIGTERM')
  const [file] = readdirSync(folder)
  if (file === undefined) throw new Error('the server wrote no profile')
  const profile = profileSchema.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')))
  const { commandsPerS = 0, eventsPerS = 0, cpuUsPerEvent = 0 } = figures
  const eventsPerCommand = eventsPerS / commandsPerS
  const usPerCommand = cpuUsPerEvent * eventsPerCommand
  process.stdout.write(`${tableOf(busyShares(profile), usPerCommand, eventsPerCommand)}\n`)
}

/**
 * Each area's share of the non-idle time, in the part of the profile that lies in the
 * loaded time: its last {@link MEASURE_MS}.
 */
function busyShares(profile: Profile): Map<string, Map<string, number>> {
  const areas = new Map<string, Map<string, number>>()
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const parents = new Map(
    profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id])),
  )
  const from = profile.timeDeltas.reduce((sum, delta) => sum + delta, 0) - (MEASURE_MS / 1_000) * US_PER_S
  let clock = 0
  let busy = 0
  for (const [index, id] of profile.samples.entries()) {
    const delta = profile.timeDeltas[index] ?? 0
    clock += delta
    const stack = stackOf(id, nodes, parents)
    const area = areaOf(stack)
    if (clock < from || area === null) continue
    busy += delta
    const functions = areas.get(area) ?? new Map<string, number>()
    const name = stack[0]?.name ?? ''
    functions.set(name, (functions.get(name) ?? 0) + delta)
    areas.set(area, functions)
  }
  for (const functions of areas.values()) {
    for (const [name, us] of functions) functions.set(name, us / busy)
  }
  return areas
}

/** From the function that ran up to its callers. */
function stackOf(
  id: number,
  nodes: ReadonlyMap<number, Profile['nodes'][number]>,
  parents: ReadonlyMap<number, number>,
): { readonly name: string; readonly url: string }[] {
  const stack: { name: string; url: string }[] = []
  for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
    const frame = nodes.get(at)?.callFrame
    if (frame !== undefined) stack.push({ name: frame.functionName || '(anonymous)', url: frame.url })
  }
  return stack
}

function tableOf(
  areas: ReadonlyMap<string, ReadonlyMap<string, number>>,
  usPerCommand: number,
  eventsPerCommand: number,
): string {
  const rows = [...areas]
    .map(([area, functions]) => {
      const share = [...functions.values()].reduce((sum, one) => sum + one, 0)
      const top = [...functions].sort(([, one], [, other]) => other - one).slice(0, 4)
      const hottest = top.map(([name, one]) => `${name} ${(one * usPerCommand).toFixed(1)}`).join(', ')
      return { area, share, hottest }
    })
    .sort((one, other) => other.share - one.share)
  const lines = rows.map(({ area, share, hottest }) => {
    const us = share * usPerCommand
    return `| ${area} | ${us.toFixed(1)} | ${(us / eventsPerCommand).toFixed(2)} | ${(share * 100).toFixed(1)} % | ${hottest} |`
  })
  const total = `| all | ${usPerCommand.toFixed(1)} | ${(usPerCommand / eventsPerCommand).toFixed(2)} | 100 % | |`
  return [
    '| area | µs/command | µs/event | share | hottest functions, µs/command |',
    '|---|---:|---:|---:|---|',
    ...lines,
    total,
  ].join('\n')
}
