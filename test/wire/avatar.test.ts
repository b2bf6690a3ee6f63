import fc from 'fast-check'
import { avatarOf } from '../../src/wire/avatar.js'

describe('avatars (contract section 5, "Input")', () => {
  test.each([
    'fox',
    'fox_1-A',
    'fox.png',
    'avatar 1',
    '/avatars/1.svg',
    './avatars/a_b-c.png',
    'avatars/1',
    'api',
    'apiary/bee.png',
    'a/api/b',
    'ÄÖ',
    '李',
    '🦊',
    '👩‍💻',
    '❤️',
    '🇩🇪',
    '🏴󠁧󠁢󠁳󠁣󠁴󠁿',
    '1️⃣',
    'https://example.org/a.png?s=1',
    'HTTPS://example.org/A.png#x',
    'http://example.org:8080/a/../b.png',
    'http://[2001:db8::1]/a.png',
    'https://example.org/%22.png',
    'x'.repeat(200),
    `https://example.org/${'a'.repeat(180)}`,
  ])('may be %s', (text) => {
    expect(avatarOf(text)).toBe(text)
  })

  test('are kept without surrounding spaces, and composed', () => {
    expect(avatarOf('  fox.png ')).toBe('fox.png')
    expect(avatarOf('A\u0308')).toBe('Ä')
  })

  test.each([
    '',
    ' ',
    'x'.repeat(201),
    '🦊🦊',
    '🦊 fox',
    'fox\n',
    'fox\u200b',
    '\u3164',
    '\u202efox',
    'fox?x=1',
    'fox#x',
    'a%2fb',
    'a\\b',
    'a:b',
    '<b>',
    '../fox.png',
    '/avatars/../api/x',
    'fox..png',
    '//example.org/a.png',
    ' //example.org/a.png',
    '///example.org/a.png',
    '/api',
    '/api/mobile/1/heartbeat',
    '/API/x',
    '/apis',
    '/./api/x',
    './api/x',
    'api/x',
    'API/x',
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'data:image/svg+xml,<svg onload=alert(1)>',
    'data:image/png;base64,AAAA',
    'blob:https://example.org/1',
    'ftp://example.org/a.png',
    'https:example.org/a.png',
    'https:/example.org/a.png',
    'https://',
    'https://user:secret@example.org/a.png',
    'https://user@example.org/a.png',
    'https://:@example.org:99999/a.png',
    'https://example.org/a b.png',
    'https://example.org/"onerror="x',
    "https://example.org/'onerror='x",
    'https://example.org\\@evil.example',
    'https://exämple.org/a.png',
    `https://example.org/${'a'.repeat(200)}`,
  ])('may not be %j', (text) => {
    expect(avatarOf(text)).toBeNull()
  })
})

/** Pieces that come close to everything an avatar must not be. */
const PIECES = [
  '/',
  '.',
  '..',
  'api',
  'API',
  ' ',
  'a',
  '-',
  '_',
  'http',
  'https',
  ':',
  '//',
  '@',
  '\\',
  '?',
  '#',
  '%2e',
  '🦊',
]

test('any accepted avatar, used as an address, sends a browser neither to this API nor to an unnamed host', () => {
  const text = fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((pieces) => pieces.join(''))
  fc.assert(
    fc.property(text, (sent) => {
      const avatar = avatarOf(sent)
      if (avatar === null || avatar.startsWith('http')) return
      const asked = new URL(avatar, 'https://page.example/')
      expect(asked.origin).toBe('https://page.example')
      expect(asked.pathname.toLowerCase()).not.toMatch(/^\/+api\//)
    }),
    { numRuns: 20_000, examples: [['.//API/']] },
  )
})
