/**
 * Certificates on a simulated station: roots put on it, listed and taken off, and its own renewed (white paper A02, M03-M05).
 * Nothing is verified; `refuseNextCertificate` makes it take the next one for a bad one.
 */
import { z } from 'zod'
import { answered, type Command, type CommandHost, command, status } from './commands.js'

const rootType = z.enum(['CentralSystemRootCertificate', 'ManufacturerRootCertificate'])
const hashAlgorithm = z.enum(['SHA256', 'SHA384', 'SHA512'])
const hashData = z.object({
  hashAlgorithm,
  issuerNameHash: z.string(),
  issuerKeyHash: z.string(),
  serialNumber: z.string(),
})

/** What lies on the station. */
export class CertificateStore {
  refuseNext = false
  readonly #roots: { readonly type: string; readonly hash: z.infer<typeof hashData> }[] = []
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

  listed(type: string): readonly z.infer<typeof hashData>[] {
    return this.#roots.filter(root => root.type === type).map(({ hash }) => hash)
  }

  remove(serialNumber: string): boolean {
    const at = this.#roots.findIndex(({ hash }) => hash.serialNumber === serialNumber)
    if (at >= 0) this.#roots.splice(at, 1)
    return at >= 0
  }
}

function refusedWith({ sendNow, wallMs }: CommandHost, type: string) {
  return status('Rejected', () =>
    sendNow('SecurityEventNotification', { type, timestamp: new Date(wallMs()).toISOString() }),
  )
}

export const certificateCommands: Readonly<Record<string, Command>> = {
  CertificateSigned: command(z.object({ certificateChain: z.string() }), host =>
    host.certificates.refuses()
      ? refusedWith(host, 'InvalidChargePointCertificate')
      : status('Accepted', () => host.reconnect()),
  ),
  InstallCertificate: command(
    z.object({ certificateType: rootType, certificate: z.string() }),
    (host, { certificateType }) => {
      if (host.certificates.refuses()) return refusedWith(host, 'InvalidCentralSystemCertificate')
      host.certificates.install(certificateType)
      return status('Accepted')
    },
  ),
  GetInstalledCertificateIds: command(
    z.object({ certificateType: rootType }),
    ({ certificates }, { certificateType }) => {
      const certificateHashData = certificates.listed(certificateType)
      return certificateHashData.length === 0
        ? status('NotFound')
        : answered({ status: 'Accepted', certificateHashData })
    },
  ),
  DeleteCertificate: command(
    z.object({ certificateHashData: hashData }),
    ({ certificates }, { certificateHashData }) =>
      status(certificates.remove(certificateHashData.serialNumber) ? 'Accepted' : 'NotFound'),
  ),
}
