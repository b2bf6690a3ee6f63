import { RouteIndex } from '../../src/http/route-index.js'
import { WireError } from '../../src/wire/errors.js'

const index = new RouteIndex<string>()
index.add('get', '/api/sessions', 'list')
index.add('post', '/api/sessions', 'create')
index.add('get', '/api/sessions/{session_id}', 'look')
index.add('post', '/api/sessions/{session_id}/kick/{user_id}', 'kick')

describe('the index of routes', () => {
  test.each([
    ['GET', '/api/sessions', 'list', {}],
    ['HEAD', '/api/sessions/', 'list', {}],
    ['POST', '/api/sessions', 'create', {}],
    ['GET', '/api/sessions/a%20b', 'look', { session_id: 'a b' }],
    ['POST', '/api/sessions/one/kick/two/', 'kick', { session_id: 'one', user_id: 'two' }],
  ])('%s %s', (method, path, route, parameters) => {
    expect(index.find(method, path)).toEqual({ type: 'route', route, parameters })
  })

  test.each(['/', '', '/api', '/api/', '/api//sessions', '/api/sessions//', '/api/sessions/one/kick'])(
    'has nothing at %s',
    (path) => {
      expect(index.find('GET', path)).toBeNull()
    },
  )

  test('names the methods that an address has instead', () => {
    expect(index.find('DELETE', '/api/sessions')).toEqual({
      type: 'other_methods',
      methods: ['GET', 'HEAD', 'POST'],
    })
  })

  test('takes no escape that decodes to nothing', () => {
    expect(() => index.find('GET', '/api/sessions/%ff')).toThrow(WireError)
  })

  test('does not take one name for another in the same place', () => {
    expect(() => index.add('get', '/api/sessions/{id}/round', 'round')).toThrow('{session_id} and {id}')
  })
})
