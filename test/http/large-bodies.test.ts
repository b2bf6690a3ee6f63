import { LargeBodies } from '../../src/http/large-bodies.js'

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

test('thirty-two may arrive at a time, and each gives its place back once', () => {
  const bodies = new LargeBodies()
  const places = Array.from({ length: 32 }, () => bodies.enter())
  expect(places).not.toContain(null)
  expect(bodies.enter()).toBeNull()
  places[0]?.leave()
  places[0]?.leave()
  expect(bodies.enter()).not.toBeNull()
  expect(bodies.enter()).toBeNull()
})

test('they are read in order, one in a turn', async () => {
  const bodies = new LargeBodies()
  const read: string[] = []
  for (const name of ['a', 'b', 'c']) bodies.inTurn(() => void read.push(name))
  expect(read).toEqual([])
  for (const expected of ['a', 'ab', 'abc']) {
    await nextTurn()
    expect(read.join('')).toBe(expected)
  }
  bodies.inTurn(() => void read.push('d'))
  await nextTurn()
  expect(read.join('')).toBe('abcd')
})
