import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Api } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'

const DEPLOY = join(__dirname, '../../deploy')
/** What Prometheus adds to each series itself. */
const ADDED = ['job', 'instance', 'le']

interface Panel {
  readonly title: string
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[]
}

const panels: readonly Panel[] = JSON.parse(
  readFileSync(join(DEPLOY, 'grafana-dashboard.json'), 'utf8'),
).panels
const rules = [...readFileSync(join(DEPLOY, 'alerts.yml'), 'utf8').matchAll(/alert: (\w+)\n +expr: (.+)\n/g)]

/** Every expression that is shipped, by what it is for. */
const shipped: readonly (readonly [string, string])[] = [
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
  ...rules.map(([, alert = '', expr = '']) => [alert, expr] as const),
]

let server: BuiltServer
/** The labels of each metric in a real scrape, with their values. */
const known = new Map<string, Map<string, Set<string>>>()

beforeAll(async () => {
  server = await startBuiltServer({ HEALTH_CHECK_INTERVAL: '0.1' })
  const api = new Api(server.url)
  const ada = await api.create()
  await api.command(ada, 'start')
  // What has never happened has no labels.
  await api.request('/nowhere')
  let text = ''
  while (!/^magnapp_cpu_usage_ratio /m.test(text)) text = (await api.request('/metrics')).text
  for (const [, name = '', labels = ''] of text.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) note(name, labels)
  for (const [, name = '', type] of text.matchAll(/^# TYPE (\w+) (\w+)$/gm)) {
    if (type === 'histogram') for (const end of ['bucket', 'sum', 'count']) note(`${name}_${end}`, '')
  }
})

afterAll(() => server.stop())

function note(name: string, labels: string): void {
  const values = known.get(name) ?? new Map<string, Set<string>>()
  known.set(name, values)
  for (const [, label = '', value = ''] of labels.matchAll(/(\w+)="([^"]*)"/g)) {
    values.set(label, (values.get(label) ?? new Set()).add(value))
  }
}

test.each(shipped)('%s: each metric exists, with the labels it is asked for: %s', (_name, expr) => {
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

test('every figure of this server’s own is in the documentation, and is shown or alerted on', () => {
  const documentation = readFileSync(join(__dirname, '../../docs/operations.md'), 'utf8')
  const families = [...known.keys()].filter((name) => /^magnapp_/.test(name) && !/_(sum|count)$/.test(name))
  const expressions = shipped.map(([, expr]) => expr).join('\n')
  for (const name of families) {
    expect([name, expressions.includes(name)]).toEqual([name, true])
    expect([name, documentation.includes(name.replace(/_bucket$/, ''))]).toEqual([name, true])
  }
})

test('the dashboard has a place and a number of its own for each panel', () => {
  const { panels: placed } = JSON.parse(readFileSync(join(DEPLOY, 'grafana-dashboard.json'), 'utf8'))
  expect(new Set(placed.map(({ id }: { id: number }) => id)).size).toBe(placed.length)
  const cells = placed.flatMap(
    ({ gridPos: { x, y, w, h } }: { gridPos: Record<'x' | 'y' | 'w' | 'h', number> }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
  )
  expect(new Set(cells).size).toBe(cells.length)
})
