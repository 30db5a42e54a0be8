/**
 * Security (seed 002 Appendix C rows 99-107 and the newer 083-088; sequences of facts/ocpp16.md §5): logs, signed
 * firmware and the sub-protocol; passwords, certificates and profiles are in security-credentials.ts.
 */
import type { ConformanceCase, Mark } from '../case.js'
import { holds, same } from '../check.js'
import { type Rig, status } from './rig.js'
import { CREDENTIAL_CASES, PROFILE_CASES } from './security-credentials.js'
import { booted, notify, rebooted } from './states.js'

type Row = ConformanceCase<Rig>

const row = (id: string, title: string, mark: Mark, play: Row['play']): Row => ({
  id,
  title,
  profile: 'Security',
  mark,
  play,
})

const REQUEST_ID = 41
const STEP_MS = 2_000
/** Their content is the station's business. */
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'
const SIGNATURE = 'c2lnbmF0dXJl'

export const SECURITY_CASES: readonly Row[] = [
  ...CREDENTIAL_CASES,
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
  ...PROFILE_CASES,
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
