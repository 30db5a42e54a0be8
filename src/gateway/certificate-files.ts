/**
 * The PEM files that the configuration names: read at start and each hour, so that one the operator renews is shown without a
 * restart. One that cannot be read is said and not replaced by anything weaker.
 */
import type { Certificates, Log, TlsIdentity } from '../ports.js'

export interface CertificateFilePaths {
  readonly certificateFile: string
  readonly keyFile: string
}

export interface FileFault {
  readonly path: string
  readonly reason: string
}

export class CertificateFiles {
  readonly #ports: { readonly certificates: Certificates; readonly log: Log }
  readonly #texts = new Map<string, string>()
  readonly #faults = new Map<string, string>()

  constructor(ports: { readonly certificates: Certificates; readonly log: Log }) {
    this.#ports = ports
  }

  faults(): readonly FileFault[] {
    return [...this.#faults].map(([path, reason]) => ({ path, reason }))
  }

  /** True when one of them has changed. What was read before stays in use where a file cannot be read any more. */
  async read(paths: readonly string[]): Promise<boolean> {
    let hasChanged = false
    for (const path of new Set(paths)) {
      try {
        const text = await this.#ports.certificates.file(path)
        hasChanged ||= this.#texts.get(path) !== text
        this.#texts.set(path, text)
        this.#faults.delete(path)
      } catch (fault) {
        this.#fail(path, fault instanceof Error ? fault.message : String(fault))
      }
    }
    return hasChanged
  }

  /** Undefined, and a fault, when they are not there or do not belong together. */
  identity({ certificateFile, keyFile }: CertificateFilePaths): TlsIdentity | undefined {
    const chainPem = this.#texts.get(certificateFile)
    const keyPem = this.#texts.get(keyFile)
    if (chainPem === undefined || keyPem === undefined) return undefined
    if (this.#ports.certificates.isKeyOf(keyPem, chainPem)) return { chainPem, keyPem }
    this.#fail(certificateFile, `is not the certificate of the key in ${keyFile}`)
    return undefined
  }

  /** The certificates in it, one by one; empty, and a fault, when there is none that can be read. */
  certificates(path: string): readonly string[] {
    const text = this.#texts.get(path)
    const found = text === undefined ? [] : this.#ports.certificates.split(text)
    if (text !== undefined && found.length === 0) this.#fail(path, 'holds no certificate that can be read')
    return found
  }

  #fail(path: string, reason: string): void {
    if (this.#faults.get(path) !== reason)
      this.#ports.log.write('error', 'certificate-file.unreadable', { path, reason })
    this.#faults.set(path, reason)
  }
}
