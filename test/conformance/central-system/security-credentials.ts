/**
 * Passwords, certificates and security profiles as a Central System handles them (seed 002 Appendix C rows 99-104 and the newer
 * 083-087; sequences of facts/ocpp16.md §5).
 */
import type { ConformanceCase, Mark } from '../case.js'
import { holds, NotOrdered } from '../check.js'
import { type Rig, status } from './rig.js'
import { boot, booted } from './states.js'

type Row = ConformanceCase<Rig>

const row = (id: string, title: string, mark: Mark, play: Row['play']): Row => ({
  id,
  title,
  profile: 'Security',
  mark,
  play,
})

const NEW_PASSWORD = 'A0B1C2D3E4F5A6B7C8D9E0F1A2B3C4D5'
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'
const HASHES = {
  hashAlgorithm: 'SHA256',
  issuerNameHash: 'a1b2',
  issuerKeyHash: 'c3d4',
  serialNumber: '1',
}
const SIGNED_WITHIN_MS = 60_000
const OVER_TLS =
  'TLS is not simulated; played over real sockets, and by openssl, in test/gateway/security.test.ts and test/adapters/tls.test.ts'

export const CREDENTIAL_CASES: readonly Row[] = [
  row('073', 'Update Charge Point Password for HTTP Basic Authentication', 'C', async rig => {
    const { station } = rig
    if (station.password === undefined) throw new NotOrdered('no password was given for the station')
    const old = station.password
    await booted(rig)
    await rig.order({
      action: 'ChangeConfiguration',
      payload: { key: 'AuthorizationKey', value: NEW_PASSWORD },
      answer: status('Accepted'),
      fixed: ['key'],
    })
    station.cut()
    station.password = String.fromCharCode(
      ...(NEW_PASSWORD.match(/../g) ?? []).map(pair => Number.parseInt(pair, 16)),
    )
    await station.connect()
    station.cut()
    const current = station.password
    station.password = old
    const outcome = await station.dial(['ocpp1.6'])
    holds(outcome.kind === 'refused' && outcome.status === 401, `the old password ended as ${outcome.kind}`)
    station.password = current
    await station.connect()
  }),
  row('074', 'Update Charge Point Certificate by request of Central System', 'C', async rig => {
    await signed(rig, 'Accepted')
    rig.station.cut()
    await rig.station.connect()
  }),
  row('075', 'Install a certificate on the Charge Point', 'C', async rig => {
    await booted(rig)
    for (const certificateType of ['ManufacturerRootCertificate', 'CentralSystemRootCertificate'])
      await installed(rig, certificateType)
  }),
  row('076', 'Delete a specific certificate from the Charge Point', 'C', async rig => {
    await booted(rig)
    await installed(rig, 'CentralSystemRootCertificate')
    await rig.order({
      action: 'DeleteCertificate',
      payload: { certificateHashData: HASHES },
      answer: status('Accepted'),
      fixed: ['certificateHashData'],
    })
  }),
  row('077', 'Invalid ChargePointCertificate Security Event', 'C', async rig => {
    await signed(rig, 'Rejected')
    await securityEvent(rig, 'InvalidChargePointCertificate')
  }),
  row('078', 'Invalid CentralSystemCertificate Security Event', 'C', async rig => {
    await booted(rig)
    await rig.order({
      action: 'InstallCertificate',
      payload: { certificateType: 'CentralSystemRootCertificate', certificate: CERTIFICATE },
      answer: status('Rejected'),
      fixed: ['certificateType'],
    })
    await securityEvent(rig, 'InvalidCentralSystemCertificate')
  }),
]

export const PROFILE_CASES: readonly Row[] = [
  row('083', 'Upgrade Security Profile', '-', async rig => {
    const { higherUrl, station } = rig
    if (higherUrl === undefined) throw new NotOrdered('no endpoint of a higher profile was given')
    await booted(rig)
    await rig.order({
      action: 'ChangeConfiguration',
      payload: { key: 'SecurityProfile', value: '1' },
      answer: status('Accepted'),
    })
    await rig.order({ action: 'Reset', payload: { type: 'Hard' }, answer: status('Accepted') })
    station.cut()
    const lowerUrl = station.url
    station.url = higherUrl
    await station.connect()
    await boot(rig)
    station.cut()
    station.url = lowerUrl
    const outcome = await station.dial(['ocpp1.6'])
    holds(outcome.kind === 'refused', `on the lower profile the upgrade ended as ${outcome.kind}`)
    station.url = higherUrl
    await station.connect()
  }),
  row('084', 'Lower Security Profile refused', '-', async rig => {
    await booted(rig)
    await rig.refused('ChangeConfiguration', { key: 'SecurityProfile', value: '0' })
  }),
  row('085', 'Basic Authentication', '-', async rig => {
    const { station } = rig
    const { password } = station
    if (password === undefined) throw new NotOrdered('no password was given for the station')
    for (const wrong of [undefined, 'a-wrong-password-']) {
      station.password = wrong
      const outcome = await station.dial(['ocpp1.6'])
      holds(outcome.kind === 'refused' && outcome.status === 401, `with ${wrong} it ended as ${outcome.kind}`)
    }
    station.password = password
    await booted(rig)
  }),
  row('086', 'TLS - server-side certificate', '-', { notApplicable: OVER_TLS }),
  row('087', 'TLS - client-side certificate', '-', { notApplicable: OVER_TLS }),
]

/** <ExtendedTrigger(SignChargePointCertificate) >SignCertificate(Accepted) <CertificateSigned, answered so. */
async function signed(rig: Rig, answer: 'Accepted' | 'Rejected'): Promise<void> {
  const { station } = rig
  await booted(rig)
  await rig.order({
    action: 'ExtendedTriggerMessage',
    payload: { requestedMessage: 'SignChargePointCertificate' },
    answer: status('Accepted'),
  })
  const hearing = station.hear({ action: 'CertificateSigned', matches: () => true, answer: status(answer) })
  const csr = `-----BEGIN CERTIFICATE REQUEST-----\n${station.id}\n-----END CERTIFICATE REQUEST-----`
  const conf = await station.call('SignCertificate', { csr })
  holds(conf.status === 'Accepted', `SignCertificate was answered ${conf.status}`)
  const { certificateChain } = await hearing.first(SIGNED_WITHIN_MS)
  hearing.end()
  holds(String(certificateChain).startsWith('-----BEGIN CERTIFICATE-----'), 'no PEM chain came')
}

async function installed(rig: Rig, certificateType: string): Promise<void> {
  await rig.order({
    action: 'InstallCertificate',
    payload: { certificateType, certificate: CERTIFICATE },
    answer: status('Accepted'),
    fixed: ['certificateType'],
  })
  await rig.order({
    action: 'GetInstalledCertificateIds',
    payload: { certificateType },
    answer: { kind: 'result', payload: { status: 'Accepted', certificateHashData: [HASHES] } },
    fixed: ['certificateType'],
  })
}

async function securityEvent({ station }: Rig, type: string): Promise<void> {
  await station.call('SecurityEventNotification', { type, timestamp: station.timestamp() })
}
