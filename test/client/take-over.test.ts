import { type Locks, Tabs } from '../../src/client/tabs.js'

/** The platform's lock manager, as far as tabs use it: a stolen lock is the thief's, come what may. */
function lockManager(): Locks {
  const held = new Map<string, object>()
  return {
    async request(name, { steal = false, ifAvailable = false }, granted) {
      if (held.has(name) && !steal) {
        if (ifAvailable) return granted(null)
        return new Promise(() => {})
      }
      const lock = {}
      held.set(name, lock)
      await granted(lock)
      if (held.get(name) === lock) held.delete(name)
      return undefined
    },
  }
}

/** Why: whoever takes over may freeze at that very moment, as phones do to tabs that nobody looks at. */
describe('the stream of a silent tab', () => {
  let first: Tabs
  let second: Tabs

  beforeEach(() => {
    Object.assign(globalThis, { document: new EventTarget() })
    const open = () => {
      const tabs = Tabs.of('https://poker.example', 'session', 'ada')
      if (tabs === null) throw new Error('this is a page')
      return tabs
    }
    first = open()
    second = open()
  })
  afterEach(() => {
    first.close()
    second.close()
    Reflect.deleteProperty(globalThis, 'document')
  })

  test('is taken over by only one of two tabs that notice together', async () => {
    const locks = lockManager()
    const leads = await Promise.all([first, second].map((tabs) => tabs.takeOver(locks, 'yield', () => true)))
    expect(leads.filter((lead) => lead !== null)).toHaveLength(1)
  })

  test('is left alone if that tab has spoken after all', async () => {
    expect(await first.takeOver(lockManager(), 'yield', () => false)).toBeNull()
  })

  test('is taken over again from a tab that has just taken it over, if that is silent too', async () => {
    const locks = lockManager()
    expect(await first.takeOver(locks, 'yield', () => true)).not.toBeNull()
    expect(await second.takeOver(locks, 'yield', () => true)).toBeNull()
    expect(await second.takeOver(locks, 'insist', () => true)).not.toBeNull()
  })
})
