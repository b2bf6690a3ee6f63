import { importStories } from '../../src/wire/csv-import.js'
import { type Answer, Api, type Person } from '../support/api.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { TestStream } from '../support/sse.js'

let server: InProcess
let api: Api
let ada: Person
let bob: Person

beforeAll(async () => {
  server = await startInProcess({ environment: { RATE_LIMITING: 'false', MAX_SESSIONS: '200' } })
  api = new Api(server.url)
})

afterAll(() => server.stop())

beforeEach(async () => {
  ada = await api.create('Sprint 42')
  bob = await api.join(ada.sessionId)
})

const MEBIBYTE = 1_024 * 1_024
const UNKNOWN = '00000000-0000-4000-8000-00000000ffff'

function send(by: Person | null, method: string, path: string, body?: unknown): Promise<Answer> {
  return api.request(`/api/sessions/${ada.sessionId}/${path}`, {
    method,
    body,
    ...(by === null ? {} : { by }),
  })
}

function upload(table: string | Uint8Array, { type = 'text/csv', query = '' } = {}): Promise<Response> {
  return fetch(`${server.url}/api/sessions/${ada.sessionId}/stories/import${query}`, {
    method: 'POST',
    headers: { 'Content-Type': type, Authorization: `Bearer ${ada.token}` },
    body: table,
  })
}

async function titles(): Promise<string[]> {
  const { stories } = (await send(null, 'GET', 'stories')).body
  return stories.map(({ title }: { title: string }) => title)
}

describe('stories', () => {
  test('can be read by anybody, and written by the Scrum Master', async () => {
    expect((await send(null, 'GET', 'stories')).body).toEqual({ stories: [], stories_version: 0 })
    const added = await send(ada, 'POST', 'stories', {
      title: 'Log in',
      link: 'https://a.example/1',
      notes: 'a\nb',
    })
    expect(added).toMatchObject({ status: 201, body: { stories_version: 1 } })
    const [story] = added.body.stories
    expect(story).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      title: 'Log in',
      link: 'https://a.example/1',
      notes: 'a\nb',
      estimate: null,
      attempts: 0,
    })
    expect((await send(null, 'GET', 'stories')).body).toEqual({ stories: [story], stories_version: 1 })
    const writes: [string, string, unknown?][] = [
      ['POST', 'stories', { title: 'x' }],
      ['PATCH', `stories/${story.id}`, { title: 'x' }],
      ['DELETE', `stories/${story.id}`],
      ['POST', 'stories/order', { ids: [story.id] }],
    ]
    for (const write of writes) {
      expect((await send(bob, ...write)).status).toBe(403)
      expect((await send(null, ...write)).status).toBe(401)
    }
    expect((await send(null, 'GET', 'stories')).body.stories_version).toBe(1)
  })

  test('are changed, ordered and deleted, and everybody is told what changed', async () => {
    const { stories } = (
      await send(ada, 'POST', 'stories', { stories: [{ title: 'A' }, { title: 'B' }, { title: 'C' }] })
    ).body
    const [a, b, c] = stories.map(({ id }: { id: string }) => id)
    const stream = await new TestStream(server.url, ada.sessionId).untilType('session_updated')
    expect((await send(ada, 'PATCH', `stories/${b}`, { title: 'B2', notes: 'n' })).body).toMatchObject({
      story: { id: b, title: 'B2', notes: 'n', link: null },
      stories_version: 2,
    })
    expect((await send(ada, 'PATCH', `stories/${b}`, { notes: null })).body.story.notes).toBeNull()
    expect((await send(ada, 'POST', 'stories/order', { ids: [c, a, b] })).body.stories_version).toBe(4)
    expect((await send(ada, 'DELETE', `stories/${a}`)).body.stories_version).toBe(5)
    expect(await titles()).toEqual(['C', 'B2'])
    await stream.untilVersion(5)
    stream.close()
    expect(stream.events.slice(-4).map(({ data }) => data.data)).toMatchObject([
      { stories_version: 2, added: [], changed: [{ id: b, title: 'B2' }], removed: [], order: null },
      { stories_version: 3, changed: [{ id: b, notes: null }] },
      { stories_version: 4, changed: [], order: [c, a, b] },
      { stories_version: 5, removed: [a], order: null },
    ])
    expect((await api.session(ada.sessionId)).stories_version).toBe(5)
  })

  test('are never part of the session, nor of what a stream begins with', async () => {
    await send(ada, 'POST', 'stories', { title: 'A secret plan' })
    const stream = await new TestStream(server.url, ada.sessionId).untilType('session_updated')
    const reconnected = await api.post(`/api/sessions/${ada.sessionId}/reconnect`, { by: ada })
    stream.close()
    for (const text of [
      stream.raw,
      reconnected.text,
      (await api.request(`/api/sessions/${ada.sessionId}`)).text,
    ]) {
      expect(text).not.toContain('A secret plan')
    }
  })

  test.each([
    ['of many characters', 'n'.repeat(1_000)],
    ['of characters that take three bytes each', '漢'.repeat(300)],
  ])('%s that do not fit an event have to be read again', async (_which, notes) => {
    const stream = await new TestStream(server.url, ada.sessionId).untilType('session_updated')
    const stories = Array.from({ length: 40 }, (_, n) => ({ title: `Story ${n}`, notes }))
    expect((await send(ada, 'POST', 'stories', { stories })).status).toBe(201)
    await stream.untilType('stories_updated')
    stream.close()
    expect(stream.events.at(-1)?.data.data).toEqual({ stories_version: 1, reload: true })
    expect(await titles()).toHaveLength(40)
  })

  test('two editors at once: neither touches what the other changes', async () => {
    const [story] = (await send(ada, 'POST', 'stories', { title: 'A' })).body.stories
    const patches = [{ title: 'New' }, { notes: 'new' }, { link: 'https://a.example' }]
    await Promise.all(patches.map((patch) => send(ada, 'PATCH', `stories/${story.id}`, patch)))
    expect((await send(null, 'GET', 'stories')).body.stories).toMatchObject([
      { title: 'New', notes: 'new', link: 'https://a.example' },
    ])
    await send(ada, 'DELETE', `stories/${story.id}`)
    for (const write of ['PATCH', 'DELETE']) {
      expect(await send(ada, write, `stories/${story.id}`, { title: 'Late' })).toMatchObject({
        status: 404,
        body: { error_code: 'STORY_NOT_FOUND' },
      })
    }
  })

  test('two editors at once: an order that misses the other’s change is refused whole', async () => {
    const { stories } = (await send(ada, 'POST', 'stories', { stories: [{ title: 'A' }, { title: 'B' }] }))
      .body
    const ids = stories.map(({ id }: { id: string }) => id).reverse()
    const [added] = (await send(ada, 'POST', 'stories', { title: 'C' })).body.stories
    const late = await send(ada, 'POST', 'stories/order', { ids })
    expect(late).toMatchObject({ status: 422, body: { context: { missing: [added.id] } } })
    await send(ada, 'DELETE', `stories/${ids[0]}`)
    const later = await send(ada, 'POST', 'stories/order', { ids: [...ids, added.id] })
    expect(later).toMatchObject({ status: 422, body: { context: { unknown: [ids[0]] } } })
    expect(await titles()).toEqual(['A', 'C'])
  })

  test('deleting the one being voted on leaves the round and its title', async () => {
    await api.command(ada, 'start', { title: 'A' })
    const { story } = (await api.session(ada.sessionId)).current_round
    await send(ada, 'DELETE', `stories/${story.id}`)
    expect((await api.session(ada.sessionId)).current_round.story).toEqual({
      id: null,
      title: 'A',
      link: null,
    })
    await api.command(bob, 'vote', { vote: '5' })
    await api.command(ada, 'reveal')
    await api.command(ada, 'accept', { estimate: '5' })
    expect((await send(null, 'GET', 'history')).body.rounds).toMatchObject([
      { story: { id: null, title: 'A' }, accepted_estimate: '5' },
    ])
  })
})

describe('bad stories are refused, and nothing changes', () => {
  test.each([
    ['POST', 'stories', {}, 422],
    ['POST', 'stories', { title: 'x', nots: 'y' }, 422],
    ['POST', 'stories', { title: 'x'.repeat(201) }, 422],
    ['POST', 'stories', { title: 'x', link: 'http://a.example' }, 422],
    ['POST', 'stories', { title: 'x', notes: 'x'.repeat(2_001) }, 422],
    ['POST', 'stories', { stories: Array.from({ length: 201 }, () => ({ title: 'x' })) }, 422],
    ['PATCH', 'stories/no-id', { title: 'x' }, 404],
    ['PATCH', `stories/${UNKNOWN}`, { title: 'x' }, 404],
    ['PATCH', `stories/${UNKNOWN}`, { titel: 'x' }, 422],
    ['DELETE', `stories/${UNKNOWN}`, undefined, 404],
    ['POST', 'stories/order', { ids: [UNKNOWN] }, 422],
    ['POST', 'stories/order', { ids: [] }, 422],
    ['POST', 'stories/order', { ids: 'all' }, 422],
  ])('%s %s, case %#', async (method, path, body, status) => {
    await send(ada, 'POST', 'stories', { title: 'First' })
    expect((await send(ada, method, path, body)).status).toBe(status)
    expect((await send(null, 'GET', 'stories')).body).toMatchObject({
      stories: [{ title: 'First' }],
      stories_version: 1,
    })
  })

  test('an order must name every story once; the refusal lists the missing, unknown and repeated', async () => {
    const { stories } = (await send(ada, 'POST', 'stories', { stories: [{ title: 'A' }, { title: 'B' }] }))
      .body
    const [a, b] = stories.map(({ id }: { id: string }) => id)
    const refused = await send(ada, 'POST', 'stories/order', { ids: [a, a, UNKNOWN] })
    expect(refused.body).toMatchObject({
      error_code: 'VALIDATION_ERROR',
      context: { missing: [b], unknown: [UNKNOWN], repeated: [a], issues: [{ path: 'ids' }] },
    })
  })

  test('there is no room for a 201st', async () => {
    const stories = Array.from({ length: 200 }, (_, n) => ({ title: `Story ${n}` }))
    expect((await send(ada, 'POST', 'stories', { stories })).status).toBe(201)
    expect(await send(ada, 'POST', 'stories', { title: 'One more' })).toMatchObject({
      status: 422,
      body: { context: { max_stories: 200 } },
    })
    expect((await send(ada, 'POST', 'start', { title: 'One more' })).status).toBe(422)
    expect((await upload('Title\nOne more\n')).status).toBe(422)
    expect(await titles()).toHaveLength(200)
  })

  test('ten mebibytes are too many', async () => {
    expect(
      (await send(ada, 'POST', 'stories', { title: 'x', notes: 'n'.repeat(10 * 1_024 * 1_024) })).status,
    ).toBe(413)
    expect((await upload('x'.repeat(10 * 1_024 * 1_024))).status).toBe(413)
    expect(await titles()).toEqual([])
  })
})

describe('a table', () => {
  test('is imported whole, and everybody is told', async () => {
    const answer = await upload('\ufeffSummary;Issue key\r\nPay;SHOP-1\r\n"Re\r\nfund";SHOP-2\r\n')
    expect([answer.status, await answer.json()]).toEqual([201, { imported: 2, stories_version: 1 }])
    expect(await titles()).toEqual(['SHOP-1 Pay', 'SHOP-2 Re fund'])
  })

  test('may come in the encodings that spreadsheets use', async () => {
    const utf16 = Buffer.concat([
      Buffer.from([0xff, 0xfe]),
      Buffer.from('Title\tNotes\nMüller\tx\n', 'utf16le'),
    ])
    expect((await upload(utf16)).status).toBe(201)
    expect(
      (await upload(Buffer.from('Title\nM\xfcller\n', 'latin1'), { type: 'text/csv; charset=windows-1252' }))
        .status,
    ).toBe(201)
    expect(await titles()).toEqual(['Müller', 'Müller'])
    const refused = await upload(Buffer.from('Title\nM\xfcller\n', 'latin1'))
    expect([refused.status, await refused.json()]).toEqual([
      400,
      expect.objectContaining({ error_code: 'MALFORMED_REQUEST' }),
    ])
    expect((await upload('Title\nx\n', { type: 'text/csv; charset=klingon' })).status).toBe(400)
    expect((await upload('Title\nx\n', { type: 'application/json' })).status).toBe(415)
  })

  test('with faults is reported row by row, and nothing of it is imported', async () => {
    const answer = await upload(`Title,Link\nGood,\n,https://a.example\nBad,ftp://a.example\n`)
    expect(answer.status).toBe(422)
    expect(await answer.json()).toMatchObject({
      error_code: 'VALIDATION_ERROR',
      context: {
        rows: [
          { line: 3, message: 'has no title' },
          { line: 4, message: expect.stringContaining('https') },
        ],
      },
    })
    expect(await titles()).toEqual([])
    expect((await upload('')).status).toBe(422)
  })

  test('of a mebibyte is imported, and nothing of one a byte longer', async () => {
    const head = 'Summary;Issue key;Description\r\n'
    // Most of it is in a column that is not imported, as comments would be.
    const rows = Array.from({ length: 200 }, (_, n) => `"Story; ${n}";SHOP-${n};"two\r\nlines"\r\n`).join('')
    const table = `\ufeff${head.trimEnd()};Comment\r\n${rows}`.trimEnd()
    const filled = `${table};${'x'.repeat(MEBIBYTE - Buffer.byteLength(table) - 1)}`
    expect(Buffer.byteLength(filled)).toBe(MEBIBYTE)
    expect((await upload(`${filled}x`)).status).toBe(413)
    expect(await titles()).toEqual([])
    const answer = await upload(filled)
    expect([answer.status, await answer.json()]).toEqual([201, { imported: 200, stories_version: 1 }])
    expect((await titles()).slice(-1)).toEqual(['SHOP-199 Story; 199'])
  })

  test('with more stories than there is room for leaves the existing ones alone', async () => {
    const stories = Array.from({ length: 199 }, (_, n) => ({ title: `Story ${n}` }))
    expect((await send(ada, 'POST', 'stories', { stories })).status).toBe(201)
    const answer = await upload('Title\nOne\nTwo\n')
    expect([answer.status, await answer.json()]).toEqual([
      422,
      expect.objectContaining({ context: expect.objectContaining({ max_stories: 200 }) }),
    ])
    expect((await send(null, 'GET', 'stories')).body).toMatchObject({ stories_version: 1 })
    expect(await titles()).toEqual(stories.map(({ title }) => title))
  })

  test('has its faulty rows named, up to one more than a session has room for', async () => {
    const answer = await upload(`Title,Link\n${'Story,ftp://a.example\n'.repeat(300)}`)
    expect(answer.status).toBe(422)
    const { context } = JSON.parse(await answer.text())
    expect(context.rows.map(({ line }: { line: number }) => line)).toEqual(
      Array.from({ length: 201 }, (_, n) => n + 2),
    )
    expect(context.issues).toHaveLength(201)
    expect(await titles()).toEqual([])
  })

  test('with long notes is refused, or imported with the notes cut on request', async () => {
    const table = `Title,Notes\nOne,${'n'.repeat(3_000)}\n`
    expect((await upload(table)).status).toBe(422)
    expect((await upload(table, { query: '?notes=cut' })).status).toBe(201)
    expect((await send(null, 'GET', 'stories')).body.stories[0].notes).toHaveLength(2_000)
    expect((await upload(table, { query: '?notes=some' })).status).toBe(422)
  })

  test('is imported only by the Scrum Master', async () => {
    const path = `/api/sessions/${ada.sessionId}/stories/import`
    const headers = { 'Content-Type': 'text/csv' }
    expect((await api.post(path, { by: bob, body: 'Title\nx\n', headers })).status).toBe(403)
    expect((await api.post(path, { body: 'Title\nx\n', headers })).status).toBe(401)
    // It is not even read.
    const faulty = await api.post(path, { by: bob, body: 'Title\n"', headers })
    const refused = await send(bob, 'POST', 'stories', { title: 'x' })
    const { error_code, message, detail, context } = refused.body
    expect([faulty.status, faulty.body]).toMatchObject([403, { error_code, message, detail, context }])
  })
})

describe('the results', () => {
  test('are a file in each format, with and without rounds', async () => {
    for (const [format, type] of [
      ['json', 'application/json'],
      ['csv', 'text/csv'],
      ['md', 'text/markdown'],
    ]) {
      const answer = await send(null, 'GET', `export?format=${format}`)
      expect(answer.status).toBe(200)
      expect(answer.headers.get('content-type')).toContain(type)
      expect(answer.headers.get('content-disposition')).toContain(`Sprint 42.${format}`)
      expect(answer.headers.get('cache-control')).toBe('no-store')
    }
    expect((await send(null, 'GET', 'export')).body).toMatchObject({
      session: { name: 'Sprint 42' },
      stories: [],
      rounds: [],
    })
    expect((await send(null, 'GET', 'export?format=pdf')).status).toBe(422)
  })

  test('say nothing of an open round except its story', async () => {
    await api.command(ada, 'start', { title: 'Open' })
    // A card whose name cannot occur in an id.
    await api.command(bob, 'vote', { vote: 'coffee' })
    for (const format of ['json', 'csv', 'md']) {
      const { text } = await send(null, 'GET', `export?format=${format}`)
      expect(text).toContain('Open')
      expect(text).not.toContain('coffee')
      expect(text).not.toContain('Bob')
    }
  })

  test('of a full session are complete, survive a re-import, and never run as formulas', async () => {
    const stories = Array.from({ length: 200 }, (_, n) => ({
      title: `=SUM(A${n})`,
      notes: `-n ${'ü'.repeat(1_900)}`,
    }))
    const added = await send(ada, 'POST', 'stories', { stories })
    expect([added.status, added.text.slice(0, 500)]).toEqual([201, expect.anything()])
    const { text } = await send(null, 'GET', 'export?format=csv')
    const again = importStories(text)
    expect('stories' in again && again.stories.map(({ title, notes }) => ({ title, notes }))).toEqual(stories)
    expect(text).not.toMatch(/(^|[,\n]"?)[=+\-@]/m)
  })

  test('are streamed: their length is unknown when they begin, and they come in pieces', async () => {
    const stories = Array.from({ length: 200 }, (_, n) => ({ title: `Story ${n}`, notes: 'n'.repeat(2_000) }))
    expect((await send(ada, 'POST', 'stories', { stories })).status).toBe(201)
    for (const format of ['json', 'csv', 'md']) {
      const answer = await fetch(`${server.url}/api/sessions/${ada.sessionId}/export?format=${format}`)
      expect(answer.headers.get('content-length')).toBeNull()
      let pieces = 0
      for await (const piece of answer.body ?? []) if (piece.length > 0) pieces += 1
      // Markdown leaves the notes out.
      if (format !== 'md') expect(pieces).toBeGreaterThan(2)
    }
  })

  test('are not held for a client that goes away', async () => {
    const stories = Array.from({ length: 200 }, (_, n) => ({ title: `Story ${n}`, notes: 'n'.repeat(2_000) }))
    expect((await send(ada, 'POST', 'stories', { stories })).status).toBe(201)
    const abort = new AbortController()
    const answer = await fetch(`${server.url}/api/sessions/${ada.sessionId}/export?format=csv`, {
      signal: abort.signal,
    })
    abort.abort()
    await expect(answer.text()).rejects.toThrow()
    expect((await send(null, 'GET', 'export?format=csv')).status).toBe(200)
  })
})
