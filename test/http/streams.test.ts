import type { UserId } from '../../machines/ids.js'
import { Streams } from '../../src/http/sse/streams.js'

test('however many streams a participant opens before the first has closed, the oldest give way', () => {
  const streams = new Streams({
    perParticipant: 2,
    perAddress: null,
    perServer: 100,
  })
  const ended: number[] = []
  const opened = Array.from({ length: 6 }, (_, index) => ({
    userId: 'somebody' as UserId,
    giveWay: () => ended.push(index),
    restart: () => {},
    destroy: () => {},
  }))
  for (const stream of opened) streams.add(stream, '127.0.0.1')
  expect(ended).toEqual([0, 1, 2, 3])
  for (const index of ended) streams.delete(opened[index] as (typeof opened)[number])
  expect(streams.count).toBe(2)
})
