/**
 * Firmware updates, diagnostics and logs of one simulated station: which statuses it tells, in which order, and what it
 * does when the next one is to fail (OCPP 1.6 §4.5, §5.9, §5.19; white paper L01, N01). Fetches and uploads nothing.
 */

/** What the next update or upload comes to. */
export type NextFirmware = 'good' | 'download-fails' | 'installation-fails' | 'signature-invalid'

export interface MaintenanceHost {
  /** A message that is lost while offline. */
  send(action: string, payload: object): void
  /** Free connectors show Unavailable from now on, or no longer. */
  availabilityChanged(): void
  /** Restarts with all transactions ended; comes back through `rebooted`. */
  restart(): void
  wallMs(): number
}

type Update = { readonly signed: false } | { readonly signed: true; readonly requestId: number }

export class Maintenance {
  nextFirmware: NextFirmware = 'good'
  uploadFails = false
  private update: Update | undefined
  private hasFailed = false

  constructor(private readonly host: MaintenanceHost) {}

  /** New firmware is being installed: nobody may charge. */
  isInstalling(): boolean {
    return this.update !== undefined
  }

  updateFirmware(update: Update): void {
    const outcome = this.nextFirmware
    this.nextFirmware = 'good'
    this.tell(update, 'Downloading')
    if (outcome === 'download-fails') {
      this.tell(update, 'DownloadFailed')
      return
    }
    this.tell(update, 'Downloaded')
    if (update.signed && outcome === 'signature-invalid') {
      this.tell(update, 'InvalidSignature')
      this.securityEvent('InvalidFirmwareSignature')
      return
    }
    if (update.signed) this.tell(update, 'SignatureVerified')
    this.update = update
    this.hasFailed = outcome === 'installation-fails'
    this.host.availabilityChanged()
    this.tell(update, 'Installing')
    if (update.signed) this.tell(update, 'InstallRebooting')
    this.host.restart()
  }

  /** The CSMS has accepted the boot after an installation: the statuses first, then how it went. */
  accepted(): void {
    const { update } = this
    if (update === undefined) return
    this.update = undefined
    this.host.availabilityChanged()
    if (update.signed && !this.hasFailed) this.securityEvent('FirmwareUpdated')
    this.tell(update, this.hasFailed ? 'InstallationFailed' : 'Installed')
  }

  uploadDiagnostics(): void {
    for (const status of ['Uploading', this.uploadFails ? 'UploadFailed' : 'Uploaded'])
      this.host.send('DiagnosticsStatusNotification', { status })
  }

  uploadLog(requestId: number): void {
    for (const status of ['Uploading', this.uploadFails ? 'UploadFailure' : 'Uploaded'])
      this.host.send('LogStatusNotification', { status, requestId })
  }

  private tell(update: Update, status: string): void {
    if (update.signed)
      this.host.send('SignedFirmwareStatusNotification', { status, requestId: update.requestId })
    else this.host.send('FirmwareStatusNotification', { status })
  }

  private securityEvent(type: string): void {
    this.host.send('SecurityEventNotification', {
      type,
      timestamp: new Date(this.host.wallMs()).toISOString(),
    })
  }
}
