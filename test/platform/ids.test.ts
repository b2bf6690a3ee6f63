import { randomIds } from '../../src/platform/ids.js'

test('tokens are 256 bits, all different, and none looks like a command-line option', () => {
  const tokens = Array.from({ length: 2_000 }, () => randomIds.userToken())
  expect(new Set(tokens).size).toBe(tokens.length)
  expect(tokens.filter((token) => Buffer.from(token, 'base64url').length !== 32)).toEqual([])
  expect(tokens.filter((token) => token.startsWith('-'))).toEqual([])
})
