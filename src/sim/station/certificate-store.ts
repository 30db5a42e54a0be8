/** The roots on a simulated station, by names that nobody verifies; what commands do with them is in certificate-commands.ts. */

interface RootHash {
  readonly hashAlgorithm: 'SHA256'
  readonly issuerNameHash: string
  readonly issuerKeyHash: string
  readonly serialNumber: string
}

/** What lies on the station. */
export class CertificateStore {
  refuseNext = false
  readonly #roots: { readonly type: string; readonly hash: RootHash }[] = []
  #next = 1

  refuses(): boolean {
    const isRefused = this.refuseNext
    this.refuseNext = false
    return isRefused
  }

  install(type: string): void {
    const serialNumber = String(this.#next++)
    this.#roots.push({
      type,
      hash: { hashAlgorithm: 'SHA256', issuerNameHash: 'a1', issuerKeyHash: 'b2', serialNumber },
    })
  }

  listed(type: string): readonly RootHash[] {
    return this.#roots.filter(root => root.type === type).map(({ hash }) => hash)
  }

  remove(serialNumber: string): boolean {
    const at = this.#roots.findIndex(({ hash }) => hash.serialNumber === serialNumber)
    if (at >= 0) this.#roots.splice(at, 1)
    return at >= 0
  }
}
