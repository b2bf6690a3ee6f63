import { stateDigest, stateJson } from '../../src/sync/state-digest.js'
import { BOB, chartIn } from '../support/chart.js'
import { vote } from '../support/table.js'

const snapshotOf = (chart: ReturnType<typeof chartIn>) => chart.actor.getSnapshot()

describe('the digest of everything in a session', () => {
  test('is the same for the same session, and different for every difference, even a hidden one', () => {
    const [one, same, other] = [chartIn('voting'), chartIn('voting'), chartIn('voting').send(vote(BOB, '8'))]
    expect(stateDigest(snapshotOf(one))).toMatch(/^[0-9a-f]{64}$/)
    expect(stateDigest(snapshotOf(same))).toBe(stateDigest(snapshotOf(one)))
    expect(stateDigest(snapshotOf(other))).not.toBe(stateDigest(snapshotOf(one)))
    expect(stateJson(snapshotOf(one))).toContain('"value":"5"')
  })

  test('does not depend on the order of members', () => {
    const snapshot = snapshotOf(chartIn('voting'))
    const turned = Object.fromEntries(Object.entries(snapshot.context).reverse())
    const other = Object.assign(Object.create(Object.getPrototypeOf(snapshot)), snapshot, { context: turned })
    expect(Object.keys(other.context)).not.toEqual(Object.keys(snapshot.context))
    expect(stateJson(other)).toBe(stateJson(snapshot))
    const { context } = JSON.parse(stateJson(snapshot))
    expect(Object.keys(context)).toEqual(Object.keys(context).sort())
  })
})
