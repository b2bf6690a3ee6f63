import type { ServerResponse } from 'node:http'

/** Makes the connection accept no further request after this answer. */
export function closeAfter(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('Connection', 'close')
}

/**
 * Prepares a JSON answer, including headers set earlier.
 * @returns a function that sends headers and body in one write
 */
export function jsonAnswer(response: ServerResponse, status: number, value: unknown): () => void {
  const text = JSON.stringify(value)
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
  })
  return () => response.end(text)
}
