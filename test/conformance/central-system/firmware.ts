/** Firmware Management (seed 002 Appendix C rows 68-72; sequences of facts/ocpp16.md §5). */
import type { ConformanceCase, Mark } from '../case.js'
import type { Rig } from './rig.js'
import { booted, notify, rebooted } from './states.js'

type Row = ConformanceCase<Rig>

const row = (id: string, title: string, mark: Mark, play: Row['play']): Row => ({
  id,
  title,
  profile: 'Firmware Management',
  mark,
  play,
})

const STEP_MS = 2_000

export const FIRMWARE_CASES: readonly Row[] = [
  row('044_1', 'Firmware Update - Download and Install', 'M', async rig => {
    await update(rig)
    await firmware(rig, 'Downloading', 'Downloaded')
    await notify(rig, 'Unavailable')
    await firmware(rig, 'Installing')
    await rebooted(rig)
    await firmware(rig, 'Installed')
  }),
  row('044_2', 'Firmware Update - Download Failed', 'O', async rig => {
    await update(rig)
    await firmware(rig, 'Downloading', 'DownloadFailed')
  }),
  row('044_3', 'Firmware Update - Installation Failed', 'O', async rig => {
    await update(rig)
    await firmware(rig, 'Downloading', 'Downloaded')
    await notify(rig, 'Unavailable')
    await firmware(rig, 'Installing')
    await rebooted(rig)
    await firmware(rig, 'InstallationFailed')
  }),
  row('045_1', 'Get Diagnostics', 'M', async rig => {
    await diagnostics(rig)
    await uploading(rig, 'Uploading', 'Uploaded')
  }),
  row('045_2', 'Get Diagnostics - Upload Failed', 'O', async rig => {
    await diagnostics(rig)
    await uploading(rig, 'Uploading', 'UploadFailed')
  }),
]

async function update(rig: Rig): Promise<void> {
  await booted(rig)
  await rig.order({
    action: 'UpdateFirmware',
    payload: {
      location: 'ftp://user:secret@firmware.example.org:21/station.bin',
      retrieveDate: rig.station.timestamp(),
      retries: 3,
      retryInterval: 60,
    },
    answer: { kind: 'result', payload: {} },
  })
}

async function firmware({ station }: Rig, ...statuses: readonly string[]): Promise<void> {
  for (const status of statuses) {
    await station.call('FirmwareStatusNotification', { status })
    await station.pause(STEP_MS)
  }
}

async function diagnostics(rig: Rig): Promise<void> {
  await booted(rig)
  await rig.order({
    action: 'GetDiagnostics',
    payload: { location: 'ftp://diagnostics.example.org/upload', retries: 1, retryInterval: 60 },
    answer: { kind: 'result', payload: { fileName: 'diagnostics.zip' } },
  })
}

async function uploading({ station }: Rig, ...statuses: readonly string[]): Promise<void> {
  for (const status of statuses) {
    await station.call('DiagnosticsStatusNotification', { status })
    await station.pause(STEP_MS)
  }
}
