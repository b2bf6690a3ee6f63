import { memoryLog } from '../../src/log/memory/command-log.js'
import { keepsTheContract } from './contract.js'

describe('the command log in memory', () => {
  keepsTheContract(async () => ({ log: memoryLog, close: () => memoryLog.close() }), { isSynchronous: true })

  test('keeps nothing for another process', async () => {
    expect(memoryLog.isDurable).toBe(false)
    expect(await memoryLog.known()).toEqual({ live: [], ended: [] })
  })
})
