/**
 * Security (seed 002 Appendix C rows 99-107 and the newer 083-088; sequences of facts/ocpp16.md §5): logs, signed
 * firmware and the sub-protocol. What needs TLS, certificates or passwords over OCPP is not covered.
 */
import type { ConformanceCase, Mark } from '../case.js'
import { holds, same } from '../check.js'
import { type Rig, status } from './rig.js'
import { booted, notify, rebooted } from './states.js'

type Row = ConformanceCase<Rig>

const row = (id: string, title: string, mark: Mark, play: Row['play']): Row => ({
  id,
  title,
  profile: 'Security',
  mark,
  play,
})

const NOT_COVERED = {
  notCovered: 'comes with the security profiles: passwords over OCPP, TLS and certificates',
}
const REQUEST_ID = 41
const STEP_MS = 2_000
/** Their content is the station's business. */
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'
const SIGNATURE = 'c2lnbmF0dXJl'

export const SECURITY_CASES: readonly Row[] = [
  row('073', 'Update Charge Point Password for HTTP Basic Authentication', 'C', NOT_COVERED),
  row('074', 'Update Charge Point Certificate by request of Central System', 'C', NOT_COVERED),
  row('075', 'Install a certificate on the Charge Point', 'C', NOT_COVERED),
  row('076', 'Delete a specific certificate from the Charge Point', 'C', NOT_COVERED),
  row('077', 'Invalid ChargePointCertificate Security Event', 'C', NOT_COVERED),
  row('078', 'Invalid CentralSystemCertificate Security Event', 'C', NOT_COVERED),
  row('079', 'Get Security Log', 'M', async rig => {
    await booted(rig)
    const { requestId } = await rig.order({
      action: 'GetLog',
      payload: {
        logType: 'SecurityLog',
        requestId: REQUEST_ID,
        log: { remoteLocation: 'https://logs.example.org/upload' },
      },
      answer: { kind: 'result', payload: { status: 'Accepted', filename: 'security.log' } },
      fixed: ['logType'],
    })
    for (const status of ['Uploading', 'Uploaded']) {
      await rig.station.call('LogStatusNotification', { status, requestId })
      await rig.station.pause(STEP_MS)
    }
  }),
  row('080', 'Secure Firmware Update', 'M', async rig => {
    const requestId = await signedUpdate(rig)
    await signedFirmware(rig, requestId, 'Downloading', 'Downloaded', 'SignatureVerified')
    await notify(rig, 'Unavailable')
    await signedFirmware(rig, requestId, 'Installing', 'InstallRebooting')
    await rebooted(rig)
    await securityEvent(rig, 'FirmwareUpdated')
    await signedFirmware(rig, requestId, 'Installed')
  }),
  row('081', 'Secure Firmware Update - Invalid Signature', 'O', async rig => {
    const requestId = await signedUpdate(rig)
    await signedFirmware(rig, requestId, 'Downloading', 'Downloaded', 'InvalidSignature')
    await securityEvent(rig, 'InvalidFirmwareSignature')
  }),
  row('083', 'Upgrade Security Profile', '-', NOT_COVERED),
  row('084', 'Lower Security Profile refused', '-', NOT_COVERED),
  row('085', 'Basic Authentication', '-', NOT_COVERED),
  row('086', 'TLS - server-side certificate', '-', NOT_COVERED),
  row('087', 'TLS - client-side certificate', '-', NOT_COVERED),
  row('088', 'WebSocket Subprotocol validation', '-', async ({ station }) => {
    const foreign = await station.dial(['ocpp0.1'])
    holds(foreign.kind === 'refused', `with ocpp0.1 alone the upgrade ended as ${foreign.kind}`)
    const both = await station.dial(['ocpp0.1', 'ocpp1.6'])
    if (both.kind !== 'open') throw new Error(`with ocpp0.1 and ocpp1.6 the upgrade ended as ${both.kind}`)
    same(both.protocol, 'ocpp1.6', 'the sub-protocol selected')
  }),
]

/** <SignedUpdateFirmware(Accepted); gives its requestId. */
async function signedUpdate(rig: Rig): Promise<number> {
  await booted(rig)
  const { requestId } = await rig.order({
    action: 'SignedUpdateFirmware',
    payload: {
      requestId: REQUEST_ID,
      firmware: {
        location: 'https://firmware.example.org/station.bin',
        retrieveDateTime: rig.station.timestamp(),
        signingCertificate: CERTIFICATE,
        signature: SIGNATURE,
      },
    },
    answer: status('Accepted'),
  })
  return requestId
}

async function signedFirmware(
  { station }: Rig,
  requestId: number,
  ...statuses: readonly string[]
): Promise<void> {
  for (const status of statuses) {
    await station.call('SignedFirmwareStatusNotification', { status, requestId })
    await station.pause(STEP_MS)
  }
}

async function securityEvent({ station }: Rig, type: string): Promise<void> {
  await station.call('SecurityEventNotification', { type, timestamp: station.timestamp() })
}
