import { room } from '../../src/wire/room.js'
import { seatBody } from '../../src/wire/seats.js'

test.each(['ab', 'a1', 'team-blue', '42', 'a--b', 'x'.repeat(40)])('%j is a room name', (name) => {
  expect(room.parse(name)).toBe(name)
})

test.each([
  '',
  'a',
  'x'.repeat(41),
  'Team',
  'team.blue',
  'team blue',
  ' team',
  '-team',
  'team-',
  'team_blue',
  'täm',
  'team\n',
  '../x',
  'ｔｅａｍ',
  42,
  null,
])('%j is not a room name', (name) => {
  expect(room.safeParse(name).success).toBe(false)
})

test('a seat code is read as people type it', () => {
  expect(seatBody.parse({ code: ' 7kxm-4prt ' })).toEqual({ code: '7KXM4PRT' })
  expect(seatBody.parse({ code: '' })).toEqual({ code: '' })
  for (const body of [{}, { code: 7 }, { code: 'x'.repeat(65) }]) {
    expect(seatBody.safeParse(body).success).toBe(false)
  }
})
