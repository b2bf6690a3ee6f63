import { servePlain } from './plain-server.js'

/* The yardstick: every reader's frame through `res.write`, chunked as node:http does it. */
servePlain({
  isChunked: true,
  open: (response) => (frame) => {
    response.write(frame)
  },
})
