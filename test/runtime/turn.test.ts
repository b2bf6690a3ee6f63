import { Turn } from '../../src/runtime/turn.js'

/** The end of a turn of the event loop. */
function turnEnded(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function rethrow(error: unknown): void {
  throw error
}

describe('a turn of the event loop', () => {
  test('ends stage by stage, each in order of arrival', async () => {
    const turn = new Turn(rethrow)
    const done: string[] = []
    const note = (name: string) => () => done.push(name)
    turn.at('deliveries', note('delivery 1'))
    turn.at('commands', () => {
      done.push('command 1')
      turn.at('answers', note('answer 1'))
      turn.at('deliveries', note('delivery 2'))
    })
    turn.at('commands', () => {
      done.push('command 2')
      turn.at('answers', note('answer 2'))
    })
    expect(done).toEqual([])
    await turnEnded()
    expect(done).toEqual(['command 1', 'command 2', 'answer 1', 'answer 2', 'delivery 1', 'delivery 2'])
  })

  test('leaves what comes after its stage to the next turn', async () => {
    const turn = new Turn(rethrow)
    const done: string[] = []
    turn.at('deliveries', () => {
      done.push('delivery')
      turn.at('commands', () => done.push('late command'))
      turn.at('deliveries', () => done.push('late delivery'))
    })
    await turnEnded()
    expect(done).toEqual(['delivery'])
    await turnEnded()
    expect(done).toEqual(['delivery', 'late command', 'late delivery'])
  })

  test('ends early when 64 commands wait', async () => {
    const turn = new Turn(rethrow)
    const done: string[] = []
    const command = () => {
      done.push('command')
      turn.at('answers', () => done.push('answer'))
    }
    for (let count = 1; count < 64; count += 1) turn.at('commands', command)
    expect(done).toEqual([])
    turn.at('commands', command)
    expect(done).toEqual([...Array(64).fill('command'), ...Array(64).fill('answer')])
    turn.at('commands', command)
    await turnEnded()
    expect(done.slice(128)).toEqual(['command', 'answer'])
  })

  test('does the rest when a piece of work throws, and reports it', async () => {
    const faults: unknown[] = []
    const turn = new Turn((error) => faults.push(error))
    const done: string[] = []
    const fault = new Error('of one piece of work')
    turn.at('commands', () => {
      throw fault
    })
    turn.at('commands', () => done.push('command'))
    turn.at('deliveries', () => done.push('delivery'))
    await turnEnded()
    expect(done).toEqual(['command', 'delivery'])
    expect(faults).toEqual([fault])
  })
})
