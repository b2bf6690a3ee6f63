import { type Attack, family } from '../attack.js'
import type { Target } from '../target.js'

/** A GET with one odd field, over and over. */
function field(...fields: string[]) {
  return async (target: Target) => {
    const path = `/api/sessions/${target.sessionId}`
    await target.repeat(target.octets('GET', path, { fields }))
  }
}

/** An odd address, over and over. */
function address(of: (target: Target) => string) {
  return (target: Target) => target.repeat(target.octets('GET', of(target)))
}

const list = (count: number, one: string) =>
  Array.from({ length: count }, (_, index) => one.replace('#', String(index)))

/** Why: fields and addresses are looked at before anything else, by everything on the way. */
export const FIELDS: readonly Attack[] = [
  ...family('odd fields', {
    'Cookie: a thousand of one name': async (target) => {
      const cookies = list(250, `magnapp_${target.sessionId}=${'x'.repeat(43)}`).join('; ')
      await field(`Cookie: ${cookies}`)(target)
    },
    'Cookie: of nothing but semicolons': field(`Cookie: ${';'.repeat(15_000)}`),
    'Cookie: of escapes': field(`Cookie: ${'%41=%zz;'.repeat(1_800)}`),
    'If-None-Match: a thousand tags': field(`If-None-Match: ${list(1_000, 'W/"#"').join(', ')}`),
    'If-None-Match: of quotes': field(`If-None-Match: ${'"'.repeat(15_000)}`),
    'Accept: a thousand kinds': field(`Accept: ${list(900, 'a/b#;q=0.1').join(', ')}`),
    'Accept: of semicolons': field(`Accept: text/html${';'.repeat(14_000)}`),
    'Accept-Encoding: a thousand codings': field(`Accept-Encoding: ${list(1_000, 'x#;q=0.001').join(',')}`),
    'Authorization: of white space': field(`Authorization: Bearer ${' '.repeat(15_000)}x`),
    'Authorization: of fifteen kilobytes': field(`Authorization: Bearer ${'x'.repeat(15_000)}`),
    'X-Forwarded-For: a thousand addresses': field(`X-Forwarded-For: ${list(1_000, '10.0.0.#').join(', ')}`),
    'Forwarded: of quotes': field(`Forwarded: ${'for="[::'.repeat(1_500)}`),
    'Origin: of dots': field(`Origin: http://${'a.'.repeat(7_000)}`),
    'traceparent and tracestate of nothing': field(
      `traceparent: 00-${'a'.repeat(7_000)}`,
      `tracestate: ${'a=b,'.repeat(1_700)}`,
    ),
    'X-Request-Id: of dots': field(`X-Request-Id: ${'.'.repeat(15_000)}`),
    'Content-Type: of parameters': (target) =>
      target.repeat(
        target
          .octets('POST', '/api/sessions', { body: '{}' })
          .replace('application/json', `application/json${';charset="'.repeat(1_300)}`),
      ),
    'Host: of fifteen kilobytes': (target) =>
      target.repeat(target.octets('GET', '/health').replace(/Host: .*/, `Host: ${'a.'.repeat(7_000)}`), {
        connections: 4,
      }),
    'six hundred fields': field(...list(600, 'X-#: x')),
    'two hundred of one field': field(...list(200, 'Accept: a/#')),
    'a head of thirty kilobytes': field(`X-Long: ${'x'.repeat(30_000)}`),
    'a head of a mebibyte': async (target) => {
      await target.connections(8, target.octets('GET', '/', { fields: [`X-Long: ${'x'.repeat(1_000_000)}`] }))
      await target.wait()
    },
    'Range: a thousand ranges': (target) =>
      target.repeat(
        target.octets('GET', '/docs/swagger-ui-bundle.js', {
          fields: [`Range: bytes=${list(1_000, '#-').join(',')}`],
        }),
        { connections: 4, each: 1 },
      ),
    'Range: one octet, then all': (target) =>
      target.repeat(target.octets('GET', '/openapi.json', { fields: ['Range: bytes=0-0,0-'] }), {
        connections: 4,
        each: 1,
      }),
    'Last-Event-ID: of digits': async (target) => {
      const octets = target.octets('GET', `/api/sse/${target.sessionId}`, {
        fields: [`Last-Event-ID: ${'9'.repeat(15_000)}`],
      })
      await target.connections(50, octets)
      await target.wait()
    },
    'Idempotency-Key: of fifteen kilobytes': (target) =>
      target.repeat(
        target.octets('POST', '/api/sessions', {
          body: {},
          fields: [`Idempotency-Key: ${'k'.repeat(15_000)}`],
        }),
      ),
  }),
  ...family('odd addresses', {
    'of fourteen kilobytes': address(() => `/${'a'.repeat(14_000)}`),
    'of seven thousand slashes': address(() => '/'.repeat(7_000)),
    'of seven thousand names': address(() => '/a'.repeat(7_000)),
    'of escapes': address(() => `/api/sessions/${'%41'.repeat(4_500)}`),
    'of escapes of nothing': address(() => `/api/sessions/${'%ff'.repeat(4_500)}`),
    'of dot segments': address(() => `${'/..'.repeat(4_500)}/etc/passwd`),
    'with thousands of parameters': address(
      ({ sessionId }) => `/api/sessions/${sessionId}/events?${list(1_500, 'a#=#').join('&')}`,
    ),
    'with one parameter a thousand times': address(
      ({ sessionId }) => `/api/sse/${sessionId}?${list(900, 'last_event_id=#').join('&')}`,
    ),
    'with parameters of brackets': address(
      ({ sessionId }) => `/api/sessions/${sessionId}/events?after${'[a]'.repeat(4_500)}=1`,
    ),
    'of sessions that there are not': (target) =>
      target.repeat((round) =>
        target.octets('GET', `/api/sessions/00000000-0000-4000-8000-${String(round).padStart(12, '0')}`),
      ),
  }),
]
