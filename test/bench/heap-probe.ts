import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/* Loaded before a server's own code: answers each message with the bytes left on its heap after a collection. */
setFlagsFromString('--expose-gc')
const collect: unknown = runInNewContext('gc')

process.on('message', () => {
  if (typeof collect === 'function') collect()
  const { heapUsed, external } = process.memoryUsage()
  process.send?.(heapUsed + external)
})
process.channel?.unref()
