import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import { type CertificateFiles, readCertificate } from './certificate.js'
import { Connections } from './connections.js'
import type { Listener, ListenerOptions } from './listener.js'

/**
 * HTTP over TLS.
 * @throws {ConfigError} when the certificate is not usable
 */
export function secureListener(
  answer: RequestListener,
  options: ListenerOptions,
  files: CertificateFiles,
): Listener {
  const { key, cert, validUntil } = readCertificate(files)
  const server = createServer({ ...options, key, cert }, answer)
  return {
    server,
    connections: new Connections(server, 'secureConnection'),
    certificateValidUntil: validUntil,
    renewCertificate: () => {
      const renewed = readCertificate(files)
      server.setSecureContext(renewed)
      return renewed.validUntil
    },
  }
}
