import type { z } from 'zod'
import { WireError } from '../wire/errors.js'

const ISSUES_MAX = 50
const MESSAGE_LENGTH_MAX = 200

export interface Issue {
  readonly path: string
  readonly message: string
}

/** A part of a request and the schema that it must meet. */
export interface Part {
  readonly name: 'query' | 'body'
  readonly schema: z.ZodType
  readonly value: unknown
}

/**
 * Validates all parts of a request, so that every fault is reported at once.
 * @throws {WireError} `VALIDATION_ERROR` with `context.issues`
 */
export function validate(parts: readonly Part[]): Readonly<Record<Part['name'], unknown>> {
  const values: Record<Part['name'], unknown> = { query: undefined, body: undefined }
  const issues: Issue[] = []
  for (const { name, schema, value } of parts) {
    const result = schema.safeParse(value)
    if (result.success) values[name] = result.data
    else issues.push(...result.error.issues.map((issue) => describe(name, issue)))
  }
  if (issues.length > 0)
    throw new WireError('VALIDATION_ERROR', { context: { issues: issues.slice(0, ISSUES_MAX) } })
  return values
}

function describe(part: Part['name'], issue: z.core.$ZodIssue): Issue {
  const path = issue.path.map(String)
  const message = issue.message.slice(0, MESSAGE_LENGTH_MAX)
  return { path: (part === 'body' ? path : [part, ...path]).join('.'), message }
}
