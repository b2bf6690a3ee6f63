import type { RequestHandler } from 'express'

const API = /^\/api(?:[/?]|$)/

/** What the API says is true for a moment or holds a secret: what says nothing else is kept by nobody (contract section 4). */
export const notKept: RequestHandler = (request, response, next) => {
  if (API.test(request.url)) response.setHeader('Cache-Control', 'no-store')
  next()
}
