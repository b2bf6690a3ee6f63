import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Request, RequestHandler } from 'express'
import helmet, { type HelmetOptions } from 'helmet'

/** What an answer that is no page may do in a browser: nothing. A page brings a policy of its own. */
const NOTHING = {
  defaultSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
}

const OPTIONS = {
  contentSecurityPolicy: { useDefaults: false, directives: NOTHING },
  xFrameOptions: { action: 'deny' },
  // They speak to browsers that are gone, or repeat what the policy above says.
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
} satisfies HelmetOptions

/** A browser remembers for two years that this host speaks TLS. Its subdomains are not ours to speak for. */
const STRICT_TRANSPORT = { maxAge: 2 * 365 * 24 * 60 * 60, includeSubDomains: false }

/**
 * Security headers on every answer. `Strict-Transport-Security` goes out over TLS alone (RFC 6797,
 * section 7.2), this server's own or that of a proxy which is believed.
 *
 * They are the same for every request, so helmet is asked once: it would work them out again for each.
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

/** Over plain HTTP from elsewhere browsers ignore it, and complain of it in every page's console. */
const OPENER_POLICY = 'cross-origin-opener-policy'

/** What a browser takes to be trustworthy without TLS: this very machine. */
function isTrusted({ headers: { host = '' } }: Request): boolean {
  return /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?$/.test(host)
}

/** What helmet sets, taken from a response that nobody gets. */
function headersOf(options: HelmetOptions): readonly (readonly [string, string])[] {
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  helmet(options)(request, response, (fault) => {
    if (fault !== undefined) throw fault
  })
  return response.getHeaderNames().map((name) => [name, String(response.getHeader(name))])
}
