/** Firmware Management through Busbar (seed 002 Appendix C rows 68-72, 105-107; facts/ocpp16.md §5). */
import type { ConformanceCase, FeatureProfile, Mark } from '../case.js'
import { holds, text } from '../check.js'
import { type Bench, msg, type Rig, type Step, sn } from './rig.js'

type Row = ConformanceCase<Bench>

const row =
  (profile: FeatureProfile) =>
  (id: string, title: string, mark: Mark, play: Row['play']): Row => ({ id, title, profile, mark, play })
const firmware = row('Firmware Management')
const security = row('Security')

const LOCATION = 'ftp://files.example/firmware.bin'
const told = (status: string): Step => msg('FirmwareStatusNotification', { status })
const signed = (status: string): Step => msg('SignedFirmwareStatusNotification', { status, requestId: 7 })

async function update(rig: Rig): Promise<void> {
  const conf = await rig.command('UpdateFirmware', {
    location: LOCATION,
    retrieveDate: '2026-01-14T06:00:00Z',
  })
  holds(text(conf) === '{}', `UpdateFirmware was answered ${text(conf)}`)
}

async function signedUpdate(rig: Rig): Promise<void> {
  await rig.answers('Accepted', 'SignedUpdateFirmware', {
    requestId: 7,
    firmware: {
      location: LOCATION,
      retrieveDateTime: '2026-01-14T06:00:00Z',
      signingCertificate: 'PEM',
      signature: 'c2lnbmF0dXJl',
    },
  })
}

export const FIRMWARE_CASES: readonly Row[] = [
  firmware('044_1', 'Firmware Update - Download and Install', 'M', async bench => {
    const rig = await bench.open()
    await update(rig)
    await rig.sees(told('Downloading'), told('Downloaded'), sn('Unavailable'), told('Installing'))
    await rig.sees(...rig.bootSteps(), told('Installed'))
  }),
  firmware('044_2', 'Firmware Update - Download Failed', 'M', async bench => {
    const rig = await bench.open()
    rig.station.maintenance.nextFirmware = 'download-fails'
    await update(rig)
    await rig.sees(told('Downloading'), told('DownloadFailed'))
    await rig.quiet(10_000)
  }),
  firmware('044_3', 'Firmware Update - Install Failed', 'M', async bench => {
    const rig = await bench.open()
    rig.station.maintenance.nextFirmware = 'installation-fails'
    await update(rig)
    await rig.sees(told('Downloading'), told('Downloaded'), sn('Unavailable'), told('Installing'))
    await rig.sees(...rig.bootSteps(), told('InstallationFailed'))
  }),
  ...[false, true].map(fails =>
    firmware(
      fails ? '045_2' : '045_1',
      `Get Diagnostics${fails ? ' - Upload Failed' : ''}`,
      'M',
      async bench => {
        const rig = await bench.open()
        rig.station.maintenance.uploadFails = fails
        const conf = await rig.command('GetDiagnostics', { location: 'ftp://files.example/up' })
        holds(conf.fileName === 'diagnostics.txt', `GetDiagnostics was answered ${text(conf)}`)
        const states = ['Uploading', fails ? 'UploadFailed' : 'Uploaded']
        await rig.sees(...states.map(status => msg('DiagnosticsStatusNotification', { status })))
      },
    ),
  ),
  security('079', 'Get Security Log', 'M', async bench => {
    const rig = await bench.open()
    await rig.answers('Accepted', 'GetLog', {
      logType: 'SecurityLog',
      requestId: 5,
      log: { remoteLocation: 'ftp://files.example/up' },
    })
    const states = ['Uploading', 'Uploaded']
    await rig.sees(...states.map(status => msg('LogStatusNotification', { status, requestId: 5 })))
  }),
  security('080', 'Secure Firmware Update', 'M', async bench => {
    const rig = await bench.open()
    await signedUpdate(rig)
    await rig.sees(signed('Downloading'), signed('Downloaded'), signed('SignatureVerified'))
    await rig.sees(sn('Unavailable'), signed('Installing'), signed('InstallRebooting'))
    await rig.sees(...rig.bootSteps())
    await rig.sees(msg('SecurityEventNotification', { type: 'FirmwareUpdated' }), signed('Installed'))
  }),
  security('081', 'Secure Firmware Update - Invalid Signature', 'M', async bench => {
    const rig = await bench.open()
    rig.station.maintenance.nextFirmware = 'signature-invalid'
    await signedUpdate(rig)
    await rig.sees(signed('Downloading'), signed('Downloaded'), signed('InvalidSignature'))
    await rig.sees(msg('SecurityEventNotification', { type: 'InvalidFirmwareSignature' }))
  }),
]
