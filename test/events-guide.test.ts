import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checksummedText } from '../src/client/reducer.js'
import { ENVELOPES, EVENT_TYPES } from '../src/wire/events.js'
import { sessionView } from '../src/wire/views.js'
import { eventExamples } from './support/event-examples.js'
import { exampleSection, examplesIn } from './support/event-guide.js'

const guide = readFileSync(join(__dirname, '../docs/events.md'), 'utf8')
const examples = examplesIn(guide)

test('the guide has an example of each event type, in the order of the table', () => {
  const types = [...guide.matchAll(/^### `(\w+)`$/gm)].map(([, type]) => type)
  expect(types).toEqual(EVENT_TYPES)
  expect(examples).toHaveLength(EVENT_TYPES.length)
})

test.each(EVENT_TYPES.map((type, index) => [type, index] as const))(
  '%s: the example matches its schema',
  (type, index) => {
    const { id, envelope } = examples[index] ?? {}
    const parsed = ENVELOPES[index]?.parse(envelope)
    expect(parsed?.type).toBe(type)
    if (id !== undefined) expect(Number(id)).toBe(parsed?.state_version)
  },
)

test('a checksum in the examples can be recomputed from the session beside it', () => {
  const wholes = examples.flatMap(({ envelope }) => {
    const data = Object(envelope).data
    return data.session === undefined ? [] : [sessionView.parse(data.session)]
  })
  expect(wholes).toHaveLength(2)
  for (const session of wholes) {
    const digest = createHash('sha256').update(checksummedText(session)).digest('hex')
    expect(session.state_checksum).toBe(digest.slice(0, 16))
  }
})

test('the examples are what every run produces', async () => {
  expect(guide).toContain(exampleSection(await eventExamples()))
})
