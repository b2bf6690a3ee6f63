interface Frame {
  readonly name: string
  readonly url: string
}

/** The first rule that a frame meets, going up the stack from the function that ran, names the area. */
const RULES: readonly (readonly [area: string, meets: (frame: Frame) => boolean])[] = [
  ['garbage collection', ({ name }) => name === '(garbage collector)'],
  ['event loop, kernel', ({ name }) => name === '(program)'],
  ['zod', ({ url }) => url.includes('/node_modules/zod/') || url.endsWith('/http/validate.js')],
  [
    'body',
    ({ url }) => /\/node_modules\/(body-parser|raw-body|iconv-lite|type-is|content-type|bytes)\//.test(url),
  ],
  ['body', ({ url }) => url.endsWith('/http/body.js')],
  ['policy, updates', ({ url }) => url.includes('/dist/machines/')],
  ['xstate', ({ url }) => url.includes('/node_modules/xstate/')],
  ['checksum', ({ url }) => /\/sync\/(checksum|canonical-json)\.js$/.test(url)],
  [
    'project, serialise',
    ({ url }) => /\/wire\/(project|events(\/\w+)?)\.js$|\/runtime\/envelopes\.js$/.test(url),
  ],
  ['identity', ({ url }) => /\/http\/identity\.js$|\/runtime\/credentials\.js$/.test(url)],
  [
    'log, frames, streams',
    ({ url }) => /\/runtime\/(event-log|readers)\.js$|\/sse\/|\/wire\/sse-frame/.test(url),
  ],
  ['session host', ({ url }) => url.includes('/dist/src/runtime/')],
  ['express, router, cors', ({ url }) => url.includes('/node_modules/')],
  ['http routes', ({ url }) => url.includes('/dist/src/http/')],
]

const OUTGOING = /^node:(_http_outgoing|internal\/stream_base_commons|internal\/streams\/writable)/
const SYSTEM_WRITE = /^write(v|Buffer|Latin1String|Utf8String|AsciiString)$/

/**
 * Where a sample's time belongs. What node and V8 do (hashing, JSON, socket writes) belongs to the code that
 * asked for it, but the writes of streams and of answers are listed separately from their callers.
 * @param stack - from the function that ran up to its callers
 * @returns `null` when nothing ran
 */
export function areaOf(stack: readonly Frame[]): string | null {
  if (stack[0]?.name === '(idle)') return null
  const writing = writingArea(stack)
  if (writing !== null) return writing
  for (const frame of stack) {
    const rule = RULES.find(([, meets]) => meets(frame))
    if (rule !== undefined) return rule[0]
  }
  return 'node: http parser, sockets'
}

/**
 * Time below node's stream and socket code, by whose bytes are written. What was corked is written later,
 * with none of our frames on the stack: from an immediate it is the streams', otherwise an answer's.
 */
function writingArea(stack: readonly Frame[]): string | null {
  const own = stack.findIndex(({ url }) => url.startsWith('file:'))
  const below = own < 0 ? stack : stack.slice(0, own)
  if (!below.some(({ name, url }) => OUTGOING.test(url) || SYSTEM_WRITE.test(name))) return null
  const isStream = stack.some(({ name, url }) => url.includes('/sse/') || name === 'processImmediate')
  return isStream ? 'writes of streams' : 'writes of answers'
}
