import type { ServerResponse } from 'node:http'

/** The connection takes no further request once this is answered. */
export function closeAfter(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('Connection', 'close')
}

/**
 * Readies an answer of JSON. Headers that were set before go along.
 * @returns what sends it, head and body in one piece
 */
export function jsonAnswer(response: ServerResponse, status: number, value: unknown): () => void {
  const text = JSON.stringify(value)
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
  })
  return () => response.end(text)
}
