/**
 * Security column of a Charge Point (seed 002 Appendix C rows 99-104 and the newer 083): passwords and certificates that a CSMS
 * gives a station through Busbar. Sequences of facts/ocpp16.md §5; TLS itself is not simulated.
 */
import { holds, text } from '../check.js'
import type { PassThroughCase } from './play.js'
import { type Bench, msg, type Rig } from './rig.js'

const ROOT = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'
const NEW_PASSWORD = '00112233445566778899AABBCCDDEEFF01020304'
const RECONNECT_MS = 30_000

const row = (
  id: string,
  title: string,
  mark: PassThroughCase['mark'],
  play: PassThroughCase['play'],
): PassThroughCase => ({ id, title, profile: 'Security', mark, play })

export const CERTIFICATE_CASES: readonly PassThroughCase[] = [
  row('073', 'Update Charge Point Password for HTTP Basic Authentication', 'C', async bench => {
    const rig = await bench.open({ device: 'weg-wemob' })
    await rig.answers('Accepted', 'ChangeConfiguration', { key: 'AuthorizationKey', value: NEW_PASSWORD })
    await rig.pause(RECONNECT_MS)
    const octets = (NEW_PASSWORD.match(/../g) ?? []).map(pair =>
      String.fromCharCode(Number.parseInt(pair, 16)),
    )
    const shown = rig.authorizations.at(-1)
    holds(shown === `Basic ${btoa(`CP-1:${octets.join('')}`)}`, `the CSMS was shown ${text(shown)} after it`)
  }),
  row('074', 'Update Charge Point Certificate by request of Central System', 'C', async bench => {
    const rig = await asked(bench)
    const before = rig.authorizations.length
    await rig.answers('Accepted', 'CertificateSigned', { certificateChain: ROOT })
    await rig.pause(RECONNECT_MS)
    holds(rig.authorizations.length > before, 'the station never came back with its new certificate')
  }),
  row('075', 'Install a certificate on the Charge Point', 'C', async bench => {
    const rig = await bench.open()
    for (const certificateType of ['ManufacturerRootCertificate', 'CentralSystemRootCertificate'])
      await installed(rig, certificateType)
  }),
  row('076', 'Delete a specific certificate from the Charge Point', 'C', async bench => {
    const rig = await bench.open()
    const certificateHashData = await installed(rig, 'CentralSystemRootCertificate')
    await rig.answers('Accepted', 'DeleteCertificate', { certificateHashData })
    await rig.answers('NotFound', 'DeleteCertificate', { certificateHashData })
  }),
  row('077', 'Invalid Charge Point Certificate Security Event', 'C', async bench => {
    const rig = await asked(bench)
    rig.station.certificates.refuseNext = true
    await rig.answers('Rejected', 'CertificateSigned', { certificateChain: ROOT })
    await rig.sees(msg('SecurityEventNotification', { type: 'InvalidChargePointCertificate' }))
  }),
  row('078', 'Invalid Central System Certificate Security Event', 'C', async bench => {
    const rig = await bench.open()
    rig.station.certificates.refuseNext = true
    await rig.answers('Rejected', 'InstallCertificate', {
      certificateType: 'CentralSystemRootCertificate',
      certificate: ROOT,
    })
    await rig.sees(msg('SecurityEventNotification', { type: 'InvalidCentralSystemCertificate' }))
  }),
  row('083', 'Upgrade Security Profile', '-', {
    notApplicable:
      "the security profile of a station's link to the CSMS is csms.url and csms.tls of Busbar's configuration; a raise over OCPP is Rejected",
  }),
  row('084', 'Lower Security Profile refused', '-', async bench => {
    const rig = await bench.open()
    await rig.answers('Rejected', 'ChangeConfiguration', { key: 'SecurityProfile', value: '0' })
  }),
]

/** Told to renew its certificate, the station has sent its request. */
async function asked(bench: Bench): Promise<Rig> {
  const rig = await bench.open()
  await rig.answers('Accepted', 'ExtendedTriggerMessage', { requestedMessage: 'SignChargePointCertificate' })
  await rig.sees(msg('SignCertificate', {}))
  return rig
}

async function installed(rig: Rig, certificateType: string): Promise<object> {
  await rig.answers('Accepted', 'InstallCertificate', { certificateType, certificate: ROOT })
  const conf = await rig.command('GetInstalledCertificateIds', { certificateType })
  const found = conf.certificateHashData?.[0]
  holds(conf.status === 'Accepted' && found !== undefined, `GetInstalledCertificateIds: ${text(conf)}`)
  return found
}
