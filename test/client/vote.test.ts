import {
  type OwnVote,
  resumeSession,
  type SessionClient,
  type SettingsWish,
  watchSession,
} from '../../src/client/client.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { Clients, converged, TIMING, until } from '../support/clients.js'
import { type FaultyProxy, startProxy } from '../support/proxy.js'

let server: BuiltServer
const clients = new Clients()

beforeAll(async () => {
  server = await startBuiltServer({
    RATE_LIMITING: 'false',
    MAX_SESSIONS: '100',
    DISCONNECT_DEBOUNCE_SECONDS: '60',
  })
})

afterEach(() => clients.close())
afterAll(() => server.stop())

const seatOf = ({ seat }: SessionClient) => {
  if (seat === null) throw new Error('a watcher has no seat')
  return seat
}

/** The votes that a client sends: their cards and keys. */
function counted(url: string, client: SessionClient) {
  const sent: { card: string; key: string | null }[] = []
  const counting: typeof fetch = (input, init) => {
    if (String(input).endsWith('/vote') && typeof init?.body === 'string')
      sent.push({ card: JSON.parse(init.body).vote, key: new Headers(init.headers).get('Idempotency-Key') })
    return fetch(input, init)
  }
  const again = resumeSession(seatOf(client), { url, timing: TIMING, fetch: counting })
  return { client: clients.keep(again), sent }
}

/** A round is open; Bob is connected through a proxy, and what he sends is counted. */
async function openRound() {
  const { leader, member, proxy } = await clients.table(server.url)
  await member.close()
  const { client: bob, sent } = counted(proxy.url, member)
  await leader.commands.start()
  await until(() => bob.connection === 'streaming' && bob.state?.status === 'voting')
  return { leader, bob, sent, proxy, id: seatOf(bob).userId }
}

async function goAway(bob: SessionClient, proxy: FaultyProxy) {
  proxy.fault.isDown = true
  proxy.cut()
  await until(() => bob.connection === 'waiting')
}

/** What the client reports of its own vote, without immediate repeats. */
function phasesOf(client: SessionClient): string[] {
  const phases: string[] = []
  client.subscribe(({ vote: { card, phase } }) => {
    const said = card === null ? phase : `${phase} ${card}`
    if (phases.at(-1) !== said) phases.push(said)
  })
  return phases
}

describe('a chosen card', () => {
  test('is sent at once, and known before the reveal only to its own client', async () => {
    const { leader, bob, sent, id } = await openRound()
    const phases = phasesOf(bob)
    expect(await bob.vote('5')).toEqual({ type: 'cast' })
    await converged(bob, server.url)
    await converged(leader, server.url)
    expect(bob.ownVote).toEqual({ card: '5', phase: 'cast', withdrawn: null })
    expect(phases).toEqual(['sending 5', 'cast 5'])
    expect(sent).toHaveLength(1)
    expect(JSON.stringify([leader.state?.current_round, leader.ownVote])).not.toContain('"5"')
    expect(bob.state?.current_round?.votes[id]).toMatchObject({ value: null })
    await leader.commands.reveal()
    await converged(bob, server.url)
    expect(bob.ownVote).toMatchObject({ card: '5', phase: 'cast' })
    await leader.commands.start()
    await until(() => bob.ownVote.phase === 'none')
  })

  test('replaces the one before: the newest counts, whatever is under way', async () => {
    const { bob, sent } = await openRound()
    const outcomes = await Promise.all(['1', '2', '3', '5', '8'].map((card) => bob.vote(card)))
    expect(outcomes.map(({ type }) => type)).toEqual(['replaced', 'replaced', 'replaced', 'replaced', 'cast'])
    await converged(bob, server.url)
    expect(bob.ownVote).toMatchObject({ card: '8', phase: 'cast' })
    // The first was already under way.
    expect(sent.map(({ card }) => card)).toEqual(['1', '8'])
    expect(await bob.vote('13')).toEqual({ type: 'cast' })
    await until(() => bob.ownVote.card === '13')
    const { your_vote } = await bob.commands.reconnect()
    expect(your_vote?.value).toBe('13')
  })

  test('is sent once if chosen twice', async () => {
    const { bob, sent } = await openRound()
    const outcomes = await Promise.all([bob.vote('3'), bob.vote('3')])
    expect(outcomes).toEqual([{ type: 'cast' }, { type: 'cast' }])
    expect(sent).toHaveLength(1)
  })

  test('does not count without an open round or from a watcher; the server is not asked', async () => {
    const { leader, member } = await clients.table(server.url)
    const { client: bob, sent } = counted(server.url, member)
    await converged(bob, server.url)
    const none = { card: '5', reason: 'no_round', message: null }
    expect(await bob.vote('5')).toEqual({ type: 'withdrawn', ...none })
    expect(bob.ownVote).toEqual({ card: null, phase: 'none', withdrawn: none })
    await leader.commands.start()
    await until(() => bob.ownVote.withdrawn === null)
    await leader.commands.vote('5')
    await leader.commands.reveal()
    await converged(bob, server.url)
    expect(await bob.vote('5')).toMatchObject({ type: 'withdrawn', reason: 'revealed' })
    const watcher = clients.keep(watchSession(leader.sessionId, { url: server.url, timing: TIMING }))
    expect(await watcher.vote('5')).toMatchObject({ type: 'withdrawn', reason: 'left' })
    expect(sent).toEqual([])
  })

  test('is withdrawn when the server knows the seat no longer, before any event says so', async () => {
    const { leader, member } = await clients.table(server.url)
    await leader.commands.start()
    const gone: typeof fetch = (input, init) => {
      const headers = new Headers(init?.headers)
      if (String(input).endsWith('/vote')) headers.set('Authorization', 'Bearer nobody')
      return fetch(input, { ...init, headers })
    }
    const options = { url: server.url, timing: TIMING, fetch: gone }
    const bob = clients.keep(resumeSession(seatOf(member), options))
    await converged(bob, server.url)
    expect(await bob.vote('5')).toMatchObject({ type: 'withdrawn', card: '5', reason: 'left' })
  })

  test('that is not in the deck is refused, with the server’s reason', async () => {
    const { bob } = await openRound()
    expect(await bob.vote('4')).toMatchObject({
      type: 'withdrawn',
      card: '4',
      reason: 'refused',
      message: expect.stringMatching(/\S/),
    })
    expect(bob.ownVote).toMatchObject({ phase: 'none', withdrawn: { card: '4' } })
    await bob.vote('5')
    expect(bob.ownVote.withdrawn).toBeNull()
  })
})

test('an observer has no card', async () => {
  const { leader, member } = await clients.table(server.url)
  await member.commands.changeRole('observer')
  await leader.commands.start()
  await until(() => member.state?.status === 'voting')
  expect(await member.vote('5')).toMatchObject({ type: 'withdrawn', reason: 'refused' })
})

describe('a withdrawn card', () => {
  test('leaves the table', async () => {
    const { leader, bob, sent, id } = await openRound()
    await bob.vote('5')
    // Even before its event has come.
    expect(await bob.vote(null)).toEqual({ type: 'cast' })
    await converged(bob, server.url)
    await until(() => bob.ownVote.phase === 'none')
    await converged(leader, server.url)
    expect(leader.state?.current_round?.votes[id]).toBeUndefined()
    expect(sent.map(({ card }) => card)).toEqual(['5', null])
    await bob.vote('8')
    await until(() => bob.ownVote.phase === 'cast')
    expect(bob.ownVote.card).toBe('8')
  })

  test('causes no request if there was none', async () => {
    const { bob, sent } = await openRound()
    expect(await bob.vote(null)).toEqual({ type: 'cast' })
    expect(sent).toEqual([])
  })

  test('is cast and then withdrawn if it was already on its way', async () => {
    const { bob, sent } = await openRound()
    const [laid, taken] = [bob.vote('5'), bob.vote(null)]
    expect([await laid, await taken]).toEqual([{ type: 'replaced' }, { type: 'cast' }])
    await converged(bob, server.url)
    await until(() => bob.ownVote.phase === 'none')
    expect(sent.map(({ card }) => card)).toEqual(['5', null])
  })

  test('is never sent if it was still waiting', async () => {
    const { bob, sent, proxy } = await openRound()
    await goAway(bob, proxy)
    const [waiting, taken] = [bob.vote('5'), bob.vote(null)]
    expect([await waiting, await taken]).toEqual([{ type: 'replaced' }, { type: 'cast' }])
    expect(bob.ownVote).toEqual({ card: null, phase: 'none', withdrawn: null })
    proxy.fault.isDown = false
    await until(() => bob.connection === 'streaming')
    expect(sent).toEqual([])
  })

  test('stays if the withdrawal comes too late', async () => {
    const { leader, bob, proxy } = await openRound()
    await bob.vote('5')
    await converged(bob, server.url)
    await goAway(bob, proxy)
    const taking = bob.vote(null)
    expect(bob.ownVote).toEqual({ card: null, phase: 'queued', withdrawn: null })
    await leader.commands.reveal()
    proxy.fault.isDown = false
    expect(await taking).toMatchObject({ type: 'withdrawn', card: null, reason: 'revealed' })
    await until(() => bob.ownVote.card === '5')
  })
})

describe('after the reveal,', () => {
  async function revealedRound(settings: SettingsWish) {
    const { leader, member, proxy } = await clients.table(server.url)
    await leader.commands.changeSettings(settings)
    await leader.commands.start()
    await until(() => member.state?.status === 'voting' && member.connection === 'streaming')
    await member.vote('5')
    await leader.commands.reveal()
    await until(() => member.state?.status === 'results')
    return { leader, member, proxy }
  }

  test('a card may be changed where the table allows it, even if the change had to wait', async () => {
    const { leader, member, proxy } = await revealedRound({ vote_after_reveal: true })
    expect(await member.vote('8')).toEqual({ type: 'cast' })
    await converged(member, server.url)
    expect(member.ownVote).toEqual({ card: '8', phase: 'cast', withdrawn: null })
    await goAway(member, proxy)
    const voting = member.vote('13')
    proxy.fault.isDown = false
    expect(await voting).toEqual({ type: 'cast' })
    await converged(member, server.url)
    expect(leader.state?.current_round?.statistics?.distribution).toEqual({ '13': 1 })
  })

  test('one’s own card in an anonymous round stays known, even after a reload', async () => {
    const { leader, member } = await revealedRound({ anonymous_votes: true })
    expect(member.ownVote).toEqual({ card: '5', phase: 'cast', withdrawn: null })
    const again = clients.keep(resumeSession(seatOf(member), { url: server.url, timing: TIMING }))
    await until(() => again.ownVote.card === '5')
    expect(JSON.stringify(leader.state?.current_round?.votes)).not.toContain('"5"')
    expect(await again.vote('8')).toMatchObject({ type: 'withdrawn', reason: 'revealed' })
  })
})

describe('a card chosen while the line is away', () => {
  test('waits, is replaced by a newer one, and is sent once when the line is back', async () => {
    const { leader, bob, sent, proxy } = await openRound()
    await goAway(bob, proxy)
    const first = bob.vote('5')
    expect(bob.ownVote).toEqual({ card: '5', phase: 'queued', withdrawn: null })
    const second = bob.vote('8')
    expect(await first).toEqual({ type: 'replaced' })
    expect(bob.ownVote).toEqual({ card: '8', phase: 'queued', withdrawn: null })
    expect(sent).toEqual([])
    const events = leader.events()
    proxy.fault.isDown = false
    expect(await second).toEqual({ type: 'cast' })
    await converged(bob, server.url)
    expect(bob.ownVote).toEqual({ card: '8', phase: 'cast', withdrawn: null })
    expect(sent.map(({ card }) => card)).toEqual(['8'])
    await leader.commands.reveal()
    const types: string[] = []
    for await (const { type } of events) {
      types.push(type)
      if (type === 'votes_revealed') break
    }
    expect(types.filter((type) => type === 'vote_submitted')).toHaveLength(1)
  })

  test.each<[string, OwnVote['phase'], (leader: SessionClient, id: string) => Promise<unknown>]>([
    ['revealed', 'none', (leader) => leader.commands.reveal()],
    [
      'round_over',
      'none',
      async (leader) => {
        await leader.commands.reveal()
        await leader.commands.start()
      },
    ],
    ['session_over', 'none', (leader) => leader.commands.end()],
    ['left', 'none', (leader, id) => leader.commands.kick(id)],
  ])('is withdrawn when the round is no longer the same: %s', async (reason, phase, goOn) => {
    const { leader, bob, sent, proxy, id } = await openRound()
    await leader.commands.vote('3')
    await converged(bob, server.url)
    await goAway(bob, proxy)
    const voting = bob.vote('5')
    await goOn(leader, id)
    proxy.fault.isDown = false
    expect(await voting).toMatchObject({ type: 'withdrawn', card: '5', reason })
    await until(() => bob.state?.status !== 'voting' || bob.state.current_round?.votes !== undefined)
    expect(bob.ownVote).toMatchObject({ card: null, phase, withdrawn: { card: '5', reason } })
    expect(sent).toEqual([])
  })

  test('is checked against a fresh state first if the one that comes back is not the newest', async () => {
    const { leader, bob, sent, proxy } = await openRound()
    await goAway(bob, proxy)
    const voting = bob.vote('5')
    // Streams open, but nothing except their beginning comes through.
    proxy.fault.rewrite = (text) => text.replaceAll(/^id: [\s\S]*/gm, '')
    await leader.commands.vote('3')
    await leader.commands.reveal()
    await leader.commands.start()
    proxy.fault.isDown = false
    expect(await voting).toMatchObject({ type: 'withdrawn', reason: 'round_over' })
    expect(bob.state?.state_version).toBe(2)
    expect(sent).toEqual([])
  })

  test('waits out a pause that began meanwhile', async () => {
    const { leader, bob, sent, proxy } = await openRound()
    await goAway(bob, proxy)
    const voting = bob.vote('5')
    await leader.commands.pause()
    proxy.fault.isDown = false
    await until(() => bob.state?.status === 'paused' && bob.connection === 'streaming')
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(bob.ownVote).toEqual({ card: '5', phase: 'queued', withdrawn: null })
    expect(sent).toEqual([])
    await leader.commands.resume()
    expect(await voting).toEqual({ type: 'cast' })
    expect(sent).toHaveLength(1)
  })

  test('is withdrawn when the client is closed', async () => {
    const { bob, proxy } = await openRound()
    await goAway(bob, proxy)
    const voting = bob.vote('5')
    await bob.close()
    expect(await voting).toMatchObject({ type: 'withdrawn', reason: 'closed' })
    expect(await bob.vote('8')).toMatchObject({ type: 'withdrawn', reason: 'closed' })
  })
})

describe('a lost answer', () => {
  /** Bob's votes get through, but their first answers do not. */
  async function losingRound(answersLost: number) {
    const { leader, member, proxy } = await clients.table(server.url)
    const keys: (string | null)[] = []
    const losing: typeof fetch = async (input, init) => {
      if (!String(input).endsWith('/vote')) return fetch(input, init)
      keys.push(new Headers(init?.headers).get('Idempotency-Key'))
      const response = await fetch(input, init)
      if (keys.length > answersLost) return response
      await response.text()
      throw new TypeError('fetch failed')
    }
    await member.close()
    const options = { url: proxy.url, timing: TIMING, fetch: losing }
    const bob = clients.keep(resumeSession(seatOf(member), options))
    await leader.commands.start()
    await until(() => bob.connection === 'streaming' && bob.state?.status === 'voting')
    return { leader, bob, keys, proxy }
  }

  test('is not needed if the event comes', async () => {
    const { bob, keys } = await losingRound(1)
    expect(await bob.vote('5')).toEqual({ type: 'cast' })
    expect(keys).toHaveLength(1)
    expect(bob.ownVote).toEqual({ card: '5', phase: 'cast', withdrawn: null })
  })

  test('makes the client send again, with the same key, if the event does not come either', async () => {
    const { leader, bob, keys, proxy } = await losingRound(2)
    proxy.fault.rewrite = (text) => text.replaceAll(/^id: [\s\S]*/gm, '')
    expect(await bob.vote('5')).toEqual({ type: 'cast' })
    expect(keys).toHaveLength(3)
    expect(new Set(keys).size).toBe(1)
    delete proxy.fault.rewrite
    proxy.cut()
    await converged(bob, server.url)
    await until(() => bob.ownVote.phase === 'cast' && bob.ownVote.card === '5')
    expect(leader.state?.state_version).toBe(bob.state?.state_version)
  })
})

test('a cast card whose event does not come makes the client reconnect', async () => {
  const { leader, bob, proxy } = await openRound()
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  proxy.silence()
  const streams = proxy.streams.count
  expect(await bob.vote('5')).toEqual({ type: 'cast' })
  expect(bob.ownVote).toEqual({ card: '5', phase: 'cast', withdrawn: null })
  await until(() => proxy.streams.count > streams)
  await converged(bob, server.url)
  await until(() => bob.ownVote.card === '5' && bob.ownVote.phase === 'cast')
  await converged(leader, server.url)
})

/** A client's idea of the server's time is off by half a round trip, which is long on a busy machine. */
const CLOCKS_DIFFER_MS = 500

describe('somebody with two devices', () => {
  test('knows on each what was cast from the other, and after a reload', async () => {
    const { bob } = await openRound()
    const phone = clients.keep(resumeSession(seatOf(bob), { url: server.url, timing: TIMING }))
    await converged(phone, server.url)
    expect(phone.ownVote).toEqual({ card: null, phase: 'none', withdrawn: null })
    const phases = phasesOf(phone)
    await bob.vote('5')
    await until(() => phone.ownVote.card === '5')
    expect(phases).toEqual(['unknown', 'cast 5'])
    await phone.vote('8')
    await until(() => bob.ownVote.card === '8')
    await phone.close()
    const reloaded = clients.keep(resumeSession(seatOf(bob), { url: server.url, timing: TIMING }))
    await until(() => reloaded.ownVote.card === '8')
    expect(reloaded.ownVote.phase).toBe('cast')
  })

  test('is bound by a newer choice on the other, even if the older one had to wait for its line', async () => {
    const { bob, sent, proxy } = await openRound()
    const phone = clients.keep(resumeSession(seatOf(bob), { url: server.url, timing: TIMING }))
    await until(() => phone.connection === 'streaming')
    await goAway(bob, proxy)
    const older = bob.vote('5')
    await new Promise((resolve) => setTimeout(resolve, CLOCKS_DIFFER_MS))
    expect(await phone.vote('8')).toEqual({ type: 'cast' })
    proxy.fault.isDown = false
    expect(await older).toEqual({ type: 'replaced' })
    await until(() => bob.ownVote.card === '8')
    expect(sent).toEqual([])
  })

  test('is not bound by an older choice on the other', async () => {
    const { bob, sent, proxy } = await openRound()
    const phone = clients.keep(resumeSession(seatOf(bob), { url: server.url, timing: TIMING }))
    await until(() => phone.connection === 'streaming')
    await goAway(bob, proxy)
    expect(await phone.vote('8')).toEqual({ type: 'cast' })
    await new Promise((resolve) => setTimeout(resolve, CLOCKS_DIFFER_MS))
    const newer = bob.vote('5')
    proxy.fault.isDown = false
    expect(await newer).toEqual({ type: 'cast' })
    await until(() => phone.ownVote.card === '5')
    expect(sent).toHaveLength(1)
  })
})

test('a client waits for a busy server for as long as it asks', async () => {
  const { leader, member } = await clients.table(server.url)
  const proxy = await startProxy(server.url)
  const times: number[] = []
  const busy: typeof fetch = (input, init) => {
    if (!String(input).endsWith('/vote')) return fetch(input, init)
    times.push(performance.now())
    if (times.length > 1) return fetch(input, init)
    const problem = { error_code: 'RATE_LIMITED', context: {}, detail: 'too many', message: 'too many' }
    const headers = { 'Content-Type': 'application/problem+json', 'Retry-After': '1' }
    return Promise.resolve(new Response(JSON.stringify(problem), { status: 429, headers }))
  }
  await member.close()
  const bob = clients.keep(resumeSession(seatOf(member), { url: proxy.url, timing: TIMING, fetch: busy }))
  await leader.commands.start()
  await until(() => bob.connection === 'streaming' && bob.state?.status === 'voting')
  expect(await bob.vote('5')).toEqual({ type: 'cast' })
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(980)
  await clients.close()
  await proxy.close()
})
