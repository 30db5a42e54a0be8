/**
 * Certificates on a simulated station: roots put on it, listed and taken off, and its own renewed (white paper A02, M03-M05).
 * Nothing is verified; `refuseNextCertificate` makes it take the next one for a bad one.
 */
import { z } from 'zod'
import { answered, type Command, type CommandHost, command, status } from './commands.js'

const rootType = z.enum(['CentralSystemRootCertificate', 'ManufacturerRootCertificate'])
const hashData = z.object({
  hashAlgorithm: z.enum(['SHA256', 'SHA384', 'SHA512']),
  issuerNameHash: z.string(),
  issuerKeyHash: z.string(),
  serialNumber: z.string(),
})

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
