import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { Api } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { REDIS, RedisServer } from '../support/redis-server.js'

const DEPLOY = join(__dirname, '../../deploy')
/** The labels that Prometheus itself adds to each series. */
const ADDED = ['job', 'instance', 'le']

interface Panel {
  readonly title: string
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[]
}

const panels: readonly Panel[] = JSON.parse(
  readFileSync(join(DEPLOY, 'grafana-dashboard.json'), 'utf8'),
).panels
const rules = [...readFileSync(join(DEPLOY, 'alerts.yml'), 'utf8').matchAll(/alert: (\w+)\n +expr: (.+)\n/g)]

/** Every shipped expression, with what it is for. */
const expressions: readonly (readonly [string, string])[] = [
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
  ...rules.map(([, alert = '', expr = '']) => [alert, expr] as const),
]
/** Without Redis, there is no log with figures to scrape. */
const shipped = expressions.filter(([, expr]) => REDIS !== null || !expr.includes('magnapp_log_'))

let redis: RedisServer | null = null
let server: BuiltServer
/** The labels of each metric in a real scrape, with their values. */
const known = new Map<string, Map<string, Set<string>>>()

beforeAll(async () => {
  redis = REDIS === null ? null : await RedisServer.start()
  server = await startBuiltServer({
    HEALTH_CHECK_INTERVAL: '0.1',
    ...(redis === null ? {} : { COMMAND_LOG: redis.url }),
  })
  const api = new Api(server.url)
  const ada = await api.create()
  await api.command(ada, 'start')
  // A metric of something that never happened has no labels.
  await api.request('/nowhere')
  let text = ''
  while (!/^magnapp_cpu_usage_ratio /m.test(text)) text = (await api.request('/metrics')).text
  for (const [, name = '', labels = ''] of text.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) note(name, labels)
  for (const [, name = '', type] of text.matchAll(/^# TYPE (\w+) (\w+)$/gm)) {
    if (type === 'histogram') for (const end of ['bucket', 'sum', 'count']) note(`${name}_${end}`, '')
  }
}, 60_000)

afterAll(async () => {
  await server.stop()
  await redis?.stop()
})

function note(name: string, labels: string): void {
  const values = known.get(name) ?? new Map<string, Set<string>>()
  known.set(name, values)
  for (const [, label = '', value = ''] of labels.matchAll(/(\w+)="([^"]*)"/g)) {
    values.set(label, (values.get(label) ?? new Set()).add(value))
  }
}

test.each(shipped)('%s: each metric exists, with the labels that the expression uses: %s', (_name, expr) => {
  const metrics = [...expr.matchAll(/\b((?:magnapp|process|nodejs)_\w+)(?:\{([^}]*)\})?/g)]
  for (const [, metric = '', matchers = ''] of metrics) {
    expect([metric, known.has(metric)]).toEqual([metric, true])
    for (const [, label = '', operator, value = ''] of matchers.matchAll(/(\w+)(=~|!=|=)"([^"]*)"/g)) {
      if (ADDED.includes(label)) continue
      expect([metric, [...(known.get(metric)?.keys() ?? [])]]).toEqual([
        metric,
        expect.arrayContaining([label]),
      ])
      if (operator === '=') expect([...(known.get(metric)?.get(label) ?? [])]).toContain(value)
    }
  }
  const labels = new Set(metrics.flatMap(([, metric = '']) => [...(known.get(metric)?.keys() ?? [])]))
  for (const [, grouping = ''] of expr.matchAll(/\bby \(([^)]*)\)/g)) {
    for (const label of grouping.split(', ')) {
      if (!ADDED.includes(label) && !expr.includes('nodejs_gc')) expect([...labels]).toContain(label)
    }
  }
})

test('every figure of the server’s own is documented, and is shown or alerted on', () => {
  const documentation = readFileSync(join(__dirname, '../../docs/operations.md'), 'utf8')
  const families = [...known.keys()].filter((name) => /^magnapp_/.test(name) && !/_(sum|count)$/.test(name))
  const shown = shipped.map(([, expr]) => expr).join('\n')
  for (const name of families) {
    expect([name, shown.includes(name)]).toEqual([name, true])
    expect([name, documentation.includes(name.replace(/_bucket$/, ''))]).toEqual([name, true])
  }
})

test.each([
  ['is away', 'magnapp_log_away == 1'],
  ['takes more than 100 ms for one append in a hundred', /append_duration_seconds_bucket.* > 0\.1$/],
  ['is carried out more than 2 s late', /0\.99.*magnapp_log_lag_seconds_bucket.* > 2$/],
  ['has timers that are more than 5 s late', /^magnapp_log_overdue_seconds > 5 /],
  ['has another state than a server', /increase\(magnapp_log_reloads_total\{.*diverged\|forked.* > 0$/],
  ['has fewer servers than an hour ago', /magnapp_log_servers\) < .*magnapp_log_servers offset 1h\)$/],
])('somebody is told when the command log %s', (_what, expression) => {
  const told = rules.map(([, , expr]) => expr)
  expect(told).toContainEqual(expect.stringMatching(expression))
})

test('every alert has a name of its own, and says how bad it is, what it is and what to do', () => {
  const text = readFileSync(join(DEPLOY, 'alerts.yml'), 'utf8')
  const [{ rules: alerts }] = parse(text).groups
  expect(new Set(alerts.map(({ alert }: { alert: string }) => alert)).size).toBe(alerts.length)
  expect(alerts).toHaveLength(rules.length)
  for (const alert of alerts) {
    expect(alert).toMatchObject({
      labels: { severity: expect.stringMatching(/^(?:warning|critical)$/) },
      annotations: { summary: expect.stringMatching(/\S/), description: expect.stringMatching(/\S/) },
    })
  }
})

test('each panel has a place and a number of its own on the dashboard', () => {
  const { panels: placed } = JSON.parse(readFileSync(join(DEPLOY, 'grafana-dashboard.json'), 'utf8'))
  expect(new Set(placed.map(({ id }: { id: number }) => id)).size).toBe(placed.length)
  const cells = placed.flatMap(
    ({ gridPos: { x, y, w, h } }: { gridPos: Record<'x' | 'y' | 'w' | 'h', number> }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
  )
  expect(new Set(cells).size).toBe(cells.length)
})
