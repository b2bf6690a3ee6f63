import { servePlain } from './plain-server.js'

const LOOK_MS = 100

/* What MagnaPP replaces: a queue per client, checked every 100 ms. */
servePlain({
  isChunked: true,
  open: (response) => {
    const queue: Buffer[] = []
    const timer = setInterval(() => {
      for (const frame of queue.splice(0)) response.write(frame)
    }, LOOK_MS)
    response.on('close', () => clearInterval(timer))
    return (frame) => {
      queue.push(frame)
    }
  },
})
