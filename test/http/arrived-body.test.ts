import fc from 'fast-check'
import { ArrivedBody } from '../../src/http/arrived-body.js'

const piece = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes))

test('a body is the same, however it was cut', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
      const body = new ArrivedBody()
      const before = pieces.map(String)
      for (const one of pieces) body.add(one)
      expect(body.whole()).toEqual(Buffer.concat(pieces))
      expect(body.length).toBe(Buffer.concat(pieces).length)
      expect(pieces.map(String)).toEqual(before)
    }),
  )
})

test('it is powder when its pieces are small, on average and not only at the start', () => {
  const body = new ArrivedBody()
  for (let count = 0; count < 256; count += 1) body.add(Buffer.from('x'))
  expect(body.isPowder).toBe(false)
  for (let count = 0; count < 10; count += 1) body.add(Buffer.from('x'))
  expect(body.isPowder).toBe(true)
  body.add(Buffer.alloc(10_000))
  expect(body.isPowder).toBe(false)
})
