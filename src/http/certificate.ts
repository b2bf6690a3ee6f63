import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { ConfigError } from '../platform/config-error.js'

/** What a server needs to speak TLS. */
export interface Certificate {
  readonly key: Buffer
  /** The chain, beginning with the server's own certificate. */
  readonly cert: Buffer
  /** When the server's own certificate expires. */
  readonly validUntil: Date
}

/** The paths, named after the settings that hold them. */
export interface CertificateFiles {
  readonly SSL_KEYFILE: string
  readonly SSL_CERTFILE: string
}

/**
 * Reads a certificate and its key.
 * @throws {ConfigError} when a file cannot be read, is not a key or certificate, or they do not match
 */
export function readCertificate({ SSL_KEYFILE, SSL_CERTFILE }: CertificateFiles): Certificate {
  const cert = contentOf('SSL_CERTFILE', SSL_CERTFILE)
  const key = contentOf('SSL_KEYFILE', SSL_KEYFILE)
  const own = parsed(
    'SSL_CERTFILE',
    SSL_CERTFILE,
    'a certificate chain in PEM',
    () => new X509Certificate(cert),
  )
  const wanted = 'the private key, in PEM and without a passphrase, of the certificate in SSL_CERTFILE'
  const secret = parsed('SSL_KEYFILE', SSL_KEYFILE, wanted, () => createPrivateKey(key))
  if (!own.checkPrivateKey(secret)) throw fault('SSL_KEYFILE', SSL_KEYFILE, `it may hold ${wanted}`)
  parsed('SSL_CERTFILE', SSL_CERTFILE, 'a chain and a key that OpenSSL takes', () =>
    createSecureContext({ key, cert }),
  )
  return { key, cert, validUntil: new Date(own.validTo) }
}

function contentOf(variable: string, path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw fault(variable, path, `it cannot be read: ${code}`)
  }
}

/** OpenSSL's message about an invalid file would not help the reader. */
function parsed<Value>(variable: string, path: string, wanted: string, parse: () => Value): Value {
  try {
    return parse()
  } catch {
    throw fault(variable, path, `it may hold ${wanted}`)
  }
}

function fault(variable: string, path: string, what: string): ConfigError {
  return new ConfigError([`${variable} is ${JSON.stringify(path)}; ${what}`])
}
