import fc from 'fast-check'
import type { StoryId } from '../../machines/ids.js'
import { createSession, findRoom, reduceStories, type StoryList, takeSeat } from '../../src/client/client.js'
import { eventData } from '../../src/wire/events.js'
import { storyOf } from '../../src/wire/project.js'
import { startBuiltServer } from '../support/built-server.js'
import { ADA, Chart, type Untimed } from '../support/chart.js'
import { Clients, CREATION, converged, TIMING, until } from '../support/clients.js'

test('a refinement with the client: a room, settings, stories, a seat on the phone, the results', async () => {
  const server = await startBuiltServer({ RATE_LIMITING: 'false', MAX_SESSIONS: '10' })
  const clients = new Clients()
  const options = { url: server.url, timing: TIMING }
  const settings = { deck: ['1', '2', '5'], round_seconds: 600, vote_after_reveal: true }
  const creation = { ...CREATION, creatorRole: 'observer' as const, room: 'team-blue', settings }
  const ada = clients.keep(await createSession(creation, options))
  expect(ada.state?.settings).toMatchObject({
    deck: { name: null, cards: settings.deck },
    round_seconds: 600,
  })
  expect(ada.permissions.canVote).toBe(false)
  expect((await findRoom('team-blue', options)).session?.id).toBe(ada.sessionId)
  await expect(createSession(creation, options)).rejects.toMatchObject({ code: 'ROOM_TAKEN' })

  const [first] = await ada.commands.stories.add({ title: 'One', notes: 'n' }, { title: 'Two' })
  expect(await ada.commands.stories.import('Summary,Issue key\nThree,SHOP-3\n')).toBe(1)
  await expect(ada.commands.stories.import('Title,Link\nx,y\n')).rejects.toMatchObject({
    code: 'VALIDATION_ERROR',
    problem: { context: { rows: [{ line: 2 }] } },
  })
  await ada.commands.stories.change(first?.id ?? '', { title: 'One, better', notes: null })
  const { stories } = await ada.commands.stories.list()
  await ada.commands.stories.order(stories.map(({ id }) => id).reverse())
  await ada.commands.stories.remove(stories[1]?.id ?? '')

  const { code } = await ada.commands.seatCode()
  const phone = clients.keep(await takeSeat(ada.sessionId, code.toLowerCase(), options))
  expect(phone.seat?.userId).toBe(ada.seat?.userId)
  await expect(takeSeat(ada.sessionId, code, options)).rejects.toMatchObject({ code: 'SEAT_CODE_INVALID' })
  await phone.commands.changeRole('voter')

  expect((await ada.commands.start({ storyId: first?.id ?? '' })).story?.title).toBe('One, better')
  await ada.commands.vote('2')
  await ada.commands.vote(null)
  await ada.commands.vote('5')
  expect(await ada.commands.extendRound(60)).toMatch(/Z$/)
  await ada.commands.reveal()
  await ada.commands.vote('2')
  await ada.commands.accept('2')
  expect(await ada.commands.changeSettings({ deck: 'tshirt' })).toMatchObject({ deck: { name: 'tshirt' } })
  await ada.commands.start({ title: 'Four' })
  await expect(ada.commands.nudge(ada.seat?.userId ?? '')).rejects.toMatchObject({ code: 'VOTING_ERROR' })

  expect(await ada.commands.history()).toMatchObject([
    { attempt: 1, accepted_estimate: '2', story: { id: first?.id } },
  ])
  expect(await ada.commands.export('csv')).toContain(',"One, better",,,2,1,2,2,1,Ada: 2,')
  const list = await phone.commands.stories.list()
  expect(list.stories.map(({ title }) => title)).toEqual(['SHOP-3 Three', 'One, better', 'Four'])
  await until(() => phone.state?.stories_version === list.version)
  for (const client of [ada, phone]) {
    await converged(client, server.url)
    expect(client.resyncs).toBe(0)
  }
  await clients.close()
  await server.stop()
})

const storyId = fc.nat(5).map((n) => `story ${n}` as StoryId)
const draft = storyId.map((id) => ({ id, title: id, link: null, notes: null, estimate: null }))
const change: fc.Arbitrary<Untimed> = fc.oneof(
  draft.map((one) => ({ type: 'stories.add', by: ADA, drafts: [one] }) as const),
  fc
    .tuple(storyId, fc.string())
    .map(([id, title]) => ({ type: 'stories.patch', by: ADA, storyId: id, patch: { title } }) as const),
  storyId.map((id) => ({ type: 'stories.remove', by: ADA, storyId: id }) as const),
  fc.shuffledSubarray([0, 1, 2, 3, 4, 5]).map((order) => ({
    type: 'stories.order' as const,
    by: ADA,
    storyIds: order.map((n) => `story ${n}` as StoryId),
  })),
)

test('a list that follows the events equals the server’s list', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const chart = new Chart()
      let list: StoryList | null = { stories: [], version: 0 }
      for (const command of changes) {
        const known = chart.context.stories.map(({ id }) => id)
        if (command.type === 'stories.add' && command.drafts.some(({ id }) => known.includes(id))) continue
        chart.send(command)
        const snapshot = chart.actor.getSnapshot()
        for (const event of snapshot.context.events) {
          if (event.type !== 'stories_updated' || list === null) continue
          list = reduceStories(list, eventData('stories_updated', event, { snapshot, checksum: () => '' }))
        }
      }
      const { stories, storiesVersion } = chart.context
      expect(list).toEqual({ stories: stories.map(storyOf), version: storiesVersion })
    }),
    { numRuns: 300 },
  )
})

test('a list that has missed something, or does not fit an event, must be read again', () => {
  const list: StoryList = { stories: [], version: 3 }
  const nothing = { added: [], changed: [], removed: [], order: null }
  expect(reduceStories(list, { ...nothing, stories_version: 5 })).toBeNull()
  expect(reduceStories(list, { stories_version: 4, reload: true })).toBeNull()
  expect(reduceStories(list, { ...nothing, stories_version: 3 })).toBe(list)
  expect(reduceStories(list, { ...nothing, stories_version: 4 })).toEqual({ stories: [], version: 4 })
})
