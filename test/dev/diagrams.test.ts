import { readFileSync } from 'node:fs'
import { type AnyStateMachine, createMachine } from 'xstate'
import { sessionMachine } from '../../machines/session/machine.js'
import { supervisorMachine } from '../../machines/supervisor/machine.js'
import { mermaid } from '../../src/dev/mermaid.js'
import { chartEdges, chartStates } from '../../src/dev/statechart.js'
import { svg } from '../../src/dev/svg.js'
import { triggerWords } from '../../src/dev/words.js'

const MACHINES: readonly AnyStateMachine[] = [sessionMachine, supervisorMachine]

/** What the chart's author wrote, read from the machine's configuration and not through the code under test. */
interface Written {
  readonly states: string[]
  readonly words: string[]
  transitions: number
}

function written(machine: AnyStateMachine): Written {
  const found: Written = { states: [], words: [], transitions: 0 }
  collect(machine.config, machine.id, found)
  return found
}

function collect(config: AnyStateMachine['config'], id: string, found: Written): void {
  found.states.push(id)
  const after = Object.entries(config.after ?? {})
  const triggered: [string, unknown][] = [
    ['', config.always ?? []],
    ...after.map(([name, its]): [string, unknown] => [words(`after ${name}`), its]),
    ...Object.entries(config.on ?? {}),
  ]
  for (const [trigger, its] of triggered) {
    for (const transition of Array.isArray(its) ? its : [its]) {
      found.transitions += 1
      found.words.push(...[trigger, ...namesIn(transition)].filter((word) => word !== ''))
    }
  }
  for (const [key, child] of Object.entries(config.states ?? {})) collect(child, `${id}.${key}`, found)
}

function namesIn(transition: unknown): string[] {
  if (typeof transition !== 'object' || transition === null) return []
  const parts = new Map(Object.entries(transition))
  return [parts.get('guard') ?? [], parts.get('actions') ?? []].flat().map((part) => part.type ?? part)
}

function words(trigger: string): string {
  return triggerWords({ source: '', target: null, trigger, guard: null, actions: [] })
}

describe.each(MACHINES.map((machine) => [machine.id, machine] as const))(
  'the drawing of %s',
  (_id, machine) => {
    const { states, words, transitions } = written(machine)

    test('as SVG shows every state by its id, and every trigger, delay, guard and action', async () => {
      const drawing = await svg(machine)
      expect([...drawing.matchAll(/data-state-id="([^"]+)"/g)].map(([, id]) => id).sort()).toEqual(
        states.sort(),
      )
      const text = [...drawing.matchAll(/<text [^>]*>([^<]*)</g)].map(([, line]) => line).join('\n')
      for (const word of words) expect(text).toContain(word)
    })

    test('as Mermaid text declares every state, and names every trigger, delay, guard and action', () => {
      const text = mermaid(machine)
      const declared = [...text.matchAll(/^ *state "[^"]+" as (\w+)/gm)].map(([, alias]) => alias)
      const inside = states.filter((id) => id !== machine.id)
      expect(declared.sort()).toEqual(inside.map((id) => id.replaceAll('.', '_')).sort())
      for (const word of words) expect(text).toContain(word)
    })

    test('as JSON is a machine again, with the same states and transitions', () => {
      const again = createMachine(JSON.parse(readFileSync(`docs/statecharts/${machine.id}.json`, 'utf8')))
      expect(chartStates(again)).toEqual(chartStates(machine))
      expect(chartEdges(again)).toEqual(chartEdges(machine))
      expect(chartEdges(machine)).toHaveLength(transitions)
    })

    test('has the same bytes every time', async () => {
      expect(await svg(machine)).toBe(await svg(machine))
      expect(mermaid(machine)).toBe(mermaid(machine))
    })

    test('keeps all text within the picture', async () => {
      const drawing = await svg(machine)
      const width = Number(/viewBox="0 0 (\d+) /.exec(drawing)?.[1])
      const places = [...drawing.matchAll(/<text [^>]*x="([\d.]+)"[^>]*>([^<]*)</g)]
      for (const [, x, line] of places) expect(Number(x) + 6.7 * (line?.length ?? 0)).toBeLessThan(width)
    })
  },
)

test('a Mermaid transition never stands inside a state, which would move its ends there', () => {
  for (const machine of MACHINES) {
    expect(mermaid(machine)).not.toMatch(/^ {4,}\w+ --> \w+ :/m)
  }
})
