import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/*
 * Loaded before a server's own code; answers each message with the bytes left on its heap after a
 * collection. It takes two: what the first finds dead may hold native memory until its callbacks have run.
 */
setFlagsFromString('--expose-gc')
const collect: unknown = runInNewContext('gc')

process.on('message', async () => {
  for (let pass = 0; pass < 2; pass += 1) {
    if (typeof collect === 'function') collect()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { heapUsed, external } = process.memoryUsage()
  process.send?.(heapUsed + external)
})
process.channel?.unref()
