import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Certificate {
  readonly keyFile: string
  readonly certFile: string
  remove(): void
}

/** A key and a self-signed certificate, made by Debian's openssl. */
export function selfSignedCertificate(host = 'localhost'): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'))
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile]
  const name = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`]
  execFileSync('openssl', ['req', '-x509', '-days', '2', ...key, ...name, '-out', certFile], {
    stdio: 'pipe',
  })
  return { keyFile, certFile, remove: () => rmSync(folder, { recursive: true }) }
}
