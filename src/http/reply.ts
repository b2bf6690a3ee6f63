import type { ServerResponse } from 'node:http'
import { SharedJson } from './shared-json.js'

/** Makes the connection accept no further request after this answer. */
export function closeAfter(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('Connection', 'close')
}

/**
 * Prepares a JSON answer, including headers set earlier.
 * @returns a function that sends headers and body in one write
 */
export function jsonAnswer(response: ServerResponse, status: number, value: unknown): () => void {
  const json = value instanceof SharedJson ? value.bytes : JSON.stringify(value)
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(json),
  })
  return () => response.end(json)
}
