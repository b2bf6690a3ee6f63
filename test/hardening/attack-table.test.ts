import { appendFileSync } from 'node:fs'
import { ATTACKS } from './table/all-attacks.js'
import type { Attack } from './table/attack.js'
import type { Cells } from './table/judge.js'
import { Stand, type Way } from './table/stand.js'

/** How an attack reaches the server; `npm run harden` names more ways. */
const WAYS = (process.env['HARDEN_THROUGH'] ?? 'plain').split(',') as Way[]
/** How long an attack lasts that could go on for ever. */
const FOR_MS = Number(process.env['HARDEN_MS'] ?? 250)
/** Only attacks whose family or name contains this. */
const ONLY = process.env['HARDEN_ONLY'] ?? ''
/** Every n-th attack of the table is sent. */
const EVERY = Number(process.env['HARDEN_EVERY'] ?? 2)
/** By what factor others may be slower: the whole suite runs alongside, on two cores. */
const SLACK = Number(process.env['HARDEN_SLACK'] ?? 2)
/** Where a line for each attack is appended. */
const REPORT = process.env['HARDEN_REPORT']
/** A machine may be busy with something else for a moment, but not every time. */
const TRIES = Number(process.env['HARDEN_TRIES'] ?? 3)

const COLUMNS = ['requests', 'events', 'memory', 'descriptors', 'places', 'answers'] as const

/** Why: whatever one client sends, everybody else plays on, and everything it took is given back. */
describe.each(WAYS)('reached %s', (way) => {
  const attacks = ATTACKS.filter((_, index) => index % EVERY === 0).filter(
    ({ family, name, isDirect = false }) => {
      const isAsked = `${family}: ${name}`.includes(ONLY)
      return isAsked && (way === 'plain' || !isDirect)
    },
  )
  let shared: Stand

  beforeAll(async () => {
    shared = await Stand.start({ way, slack: SLACK })
  }, 30_000)
  afterAll(() => shared.stop())

  test.each(attacks.map((attack) => [`${attack.family}: ${attack.name}`, attack] as const))(
    '%s',
    async (_name, attack) => {
      const cells = await suffered(attack)
      report(way, attack, cells)
      expect(broken(cells)).toEqual([])
    },
    120_000,
  )

  /** A cell that fails is measured again: a fault of the server's shows every time. */
  async function suffered(attack: Attack): Promise<Cells> {
    const stand = attack.environment === undefined ? shared : await ownStand(way, attack)
    try {
      for (let left = TRIES - 1; ; left -= 1) {
        const cells = await stand.suffer(attack, FOR_MS)
        if (left === 0 || broken(cells).length === 0) return cells
      }
    } finally {
      if (stand !== shared) await stand.stop()
    }
  }
})

test('the table has everything that the contract names', () => {
  expect(ATTACKS.length).toBeGreaterThanOrEqual(60)
  const names = ATTACKS.map(({ family, name }) => `${family}: ${name}`)
  expect(new Set(names).size).toBe(names.length)
})

function ownStand(way: Way, { environment, descriptorsMax }: Attack): Promise<Stand> {
  return Stand.start({
    way,
    slack: SLACK,
    ...(environment === undefined ? {} : { environment }),
    ...(descriptorsMax === undefined ? {} : { descriptorsMax }),
  })
}

function broken(cells: Cells): readonly string[] {
  return COLUMNS.filter((column) => !cells[column].isHeld).map((column) => `${column}: ${cells[column].seen}`)
}

function report(way: Way, { family, name }: Attack, cells: Cells): void {
  if (REPORT === undefined) return
  const row = COLUMNS.map((column) => `${cells[column].isHeld ? '' : '**'}${cells[column].seen}`)
  appendFileSync(REPORT, `| ${[way, family, name, ...row].join(' | ')} |\n`)
}
