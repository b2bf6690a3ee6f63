import { servePlain } from './plain-server.js'

/* The physical limit: the same bytes past node:http, straight to the socket. */
servePlain({
  isChunked: false,
  open: (response) => {
    const { socket } = response
    return (frame) => {
      socket?.write(frame)
    }
  },
})
