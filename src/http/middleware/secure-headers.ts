import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Request, RequestHandler } from 'express'
import helmet, { type HelmetOptions } from 'helmet'

/** The policy of an answer that is not a page: it may do nothing in a browser. Pages bring their own. */
const NOTHING = {
  defaultSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
}

const OPTIONS = {
  contentSecurityPolicy: { useDefaults: false, directives: NOTHING },
  xFrameOptions: { action: 'deny' },
  // These address obsolete browsers, or repeat the policy above.
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
} satisfies HelmetOptions

/** Browsers remember for two years that this host uses TLS. Its subdomains are not ours to decide about. */
const STRICT_TRANSPORT = { maxAge: 2 * 365 * 24 * 60 * 60, includeSubDomains: false }

/**
 * Security headers on every answer. `Strict-Transport-Security` is sent only over TLS (RFC 6797, section
 * 7.2), this server's own or a trusted proxy's.
 *
 * They are the same for every request, so helmet is called once: it would compute them again for each.
 */
export function secureHeaders(): RequestHandler {
  const plain = headersOf({ ...OPTIONS, strictTransportSecurity: false })
  const overTls = headersOf({ ...OPTIONS, strictTransportSecurity: STRICT_TRANSPORT })
  const untrusted = plain.filter(([name]) => name !== OPENER_POLICY)
  return (request, response, next) => {
    const headers = request.secure ? overTls : isTrusted(request) ? plain : untrusted
    for (const [name, value] of headers) response.setHeader(name, value)
    next()
  }
}

/** Over plain HTTP from elsewhere, browsers ignore it and complain about it in every page's console. */
const OPENER_POLICY = 'cross-origin-opener-policy'

/** What a browser trusts without TLS: this very machine. */
function isTrusted({ headers: { host = '' } }: Request): boolean {
  return /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?$/.test(host)
}

/** The headers that helmet sets, taken from a response that is never sent. */
function headersOf(options: HelmetOptions): readonly (readonly [string, string])[] {
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  helmet(options)(request, response, (fault) => {
    if (fault !== undefined) throw fault
  })
  return response.getHeaderNames().map((name) => [name, String(response.getHeader(name))])
}
