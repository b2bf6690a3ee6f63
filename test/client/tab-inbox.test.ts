import { TabInbox } from '../../src/client/tab-inbox.js'

const line = { type: 'line', connection: 'streaming', isLeased: false } as const

test('messages come out in the order in which they came in', () => {
  const inbox = new TabInbox()
  inbox.push(line)
  inbox.push({ ...line, connection: 'waiting' })
  expect([inbox.take(), inbox.take(), inbox.take()].map((message) => message?.type)).toEqual([
    'line',
    'line',
    undefined,
  ])
  expect(inbox.takeLoss()).toBe(false)
})

test('a tab that is too slow loses all of its messages, and is told so once', () => {
  const inbox = new TabInbox()
  for (let count = 0; count < 1_025; count += 1) inbox.push(line)
  expect(inbox.takeLoss()).toBe(true)
  expect(inbox.takeLoss()).toBe(false)
  expect([inbox.take(), inbox.take()]).toEqual([line, undefined])
})

test('waiting ends with a message, with a poke, or when its time is up', async () => {
  const inbox = new TabInbox()
  const arrived = inbox.wait(60_000)
  inbox.push(line)
  await arrived
  // A message is already there.
  await inbox.wait(60_000)
  inbox.take()
  const poked = inbox.wait(60_000)
  inbox.poke()
  await poked
  inbox.poke()
  // A poke that came before is not forgotten.
  await inbox.wait(60_000)
  await inbox.wait(1)
})
