/**
 * What a CSMS says about its own link to a lifted station is answered here and never reaches the station (issue: the locked cabinet;
 * white paper A01, A02, A05, M03-M05): security keys, password, certificates. The answer goes up before the link is dialled anew. A
 * station that is not lifted has all of this for itself.
 */
import { type Answer, result } from '../../core/answer.js'
import { fieldsAt, isFields, textAt } from '../../core/fields.js'
import { passwordOctets } from '../../core/security/password.js'
import type { CertificateHashes, Timer } from '../../ports.js'
import { basicHeader } from '../csms/headers.js'
import type { StationUplift } from '../edge.js'
import type { SessionParts } from '../session-parts.js'
import { Damper } from '../wire/damper.js'
import { withVirtualKeys } from '../wire/edits.js'
import type { IncomingCall } from '../wire/leg.js'
import { parsePayload } from '../wire/payload.js'
import { CSMS_SLOT_MS } from '../wire/waits.js'

/** Each makes a key. */
const REQUESTS = { burst: 5, everyMs: 600_000 }
/** How often the end of the certificate is looked at while the link is open. */
const LOOK_EVERY_MS = 3_600_000
/** The answer is on its way first. */
const REDIAL_AFTER_MS = 500
const REJECTED = result({ status: 'Rejected' })

type Parts = Pick<SessionParts, 'stationId' | 'ports' | 'security' | 'passwords' | 'upstream'>
type Send = (answer: Answer) => void

export class UpliftJourney {
  readonly #parts: Parts
  readonly #requests: Damper
  #looking: Timer | undefined

  constructor(parts: Parts) {
    this.#parts = parts
    this.#requests = new Damper(parts.ports.clock, REQUESTS)
  }

  /** Station and CSMS are both there: from now on a certificate that ends soon is renewed as a station would (A02). */
  linkOpened(): void {
    if (this.#uplift() === undefined) return
    this.#looking ??= this.#parts.ports.clock.every(LOOK_EVERY_MS, () => this.#renew())
    this.#renew()
  }

  stationGone(): void {
    this.#looking?.cancel()
    this.#looking = undefined
  }

  /** True when it is answered here, or will be; `forward` where the station has to say. */
  takes({ action, payload }: IncomingCall, send: Send, forward: () => void): boolean {
    const uplift = this.#uplift()
    if (uplift === undefined) return false
    switch (action) {
      case 'ChangeConfiguration':
        return this.#change(uplift, payload, send)
      case 'CertificateSigned':
        this.#settle(this.#signed(uplift, textAt(payload, 'certificateChain') ?? ''), send)
        return true
      case 'InstallCertificate':
        if (!isForCsms(payload)) return false
        this.#settle(this.#install(uplift, textAt(payload, 'certificate') ?? ''), send)
        return true
      case 'DeleteCertificate':
        this.#delete(uplift, payload, send, forward)
        return true
      case 'GetInstalledCertificateIds':
        if (!isForCsms(payload)) return false
        this.#settle(this.#list(uplift), send)
        return true
      case 'ExtendedTriggerMessage':
        if (textAt(payload, 'requestedMessage') !== 'SignChargePointCertificate') return false
        this.#settle(this.#ask(uplift), send)
        return true
      default:
        return false
    }
  }

  /** A GetConfiguration.conf of the station as the CSMS is to read it. */
  read(request: unknown, confText: string): string {
    const keys = this.#uplift()?.keys()
    if (keys === undefined) return confText
    const wanted = isFields(request) && Array.isArray(request.key) ? request.key : []
    const names = new Set(wanted.map(key => String(key).toLowerCase()))
    return withVirtualKeys(confText, keys, key => names.size === 0 || names.has(key.toLowerCase()))
  }

  #uplift(): StationUplift | undefined {
    return this.#parts.security.upliftOf?.(this.#parts.stationId)
  }

  #change(uplift: StationUplift, payload: unknown, send: Send): boolean {
    const key = textAt(payload, 'key') ?? ''
    const value = textAt(payload, 'value') ?? ''
    const isPassword = key.toLowerCase() === 'authorizationkey'
    const changed = isPassword ? this.#password(value) : uplift.change(key, value)
    if (changed === undefined) return false
    const redials = isPassword || key.toLowerCase() === 'securityprofile'
    this.#settle(
      changed.then(isTaken => {
        this.#log(isTaken ? 'uplift.changed' : 'key change refused', { key, by: 'csms' })
        if (isTaken && redials) this.#redial(isPassword ? passwordOctets(value) : undefined)
        return isTaken ? result({ status: 'Accepted' }) : REJECTED
      }),
      send,
    )
    return true
  }

  async #password(value: string): Promise<boolean> {
    const { passwords, stationId } = this.#parts
    const octets = passwordOctets(value)
    return octets !== undefined && (await passwords?.keepUpstream(stationId, octets)) === true
  }

  #redial(password: Uint8Array | undefined): void {
    const { ports, stationId, upstream } = this.#parts
    const authorization = password === undefined ? undefined : basicHeader(stationId, password)
    ports.clock.after(REDIAL_AFTER_MS, () => upstream.redial(authorization))
  }

  async #signed(uplift: StationUplift, chainPem: string): Promise<Answer> {
    const reason = await uplift.certificateSigned(chainPem)
    if (reason === undefined) {
      this.#log('uplift.certificate-installed')
      return result({ status: 'Accepted' })
    }
    this.#log('uplift.certificate-refused', { reason })
    this.#tell('InvalidChargePointCertificate')
    return REJECTED
  }

  async #install(uplift: StationUplift, pem: string): Promise<Answer> {
    const status = await uplift.installRoot(pem)
    this.#log(status === 'Accepted' ? 'uplift.root-installed' : 'uplift.root-refused', { by: 'csms' })
    if (status === 'Rejected') this.#tell('InvalidCentralSystemCertificate')
    return result({ status })
  }

  #delete(uplift: StationUplift, payload: unknown, send: Send, forward: () => void): void {
    const hashes = hashesIn(fieldsAt(payload, 'certificateHashData'))
    if (hashes === undefined) {
      forward()
      return
    }
    uplift.deleteRoot(hashes).then(
      status => {
        if (status === 'NotFound') forward()
        else {
          this.#log('uplift.root-deleted', { reason: status, by: 'csms' })
          send(result({ status }))
        }
      },
      (fault: unknown) => {
        this.#failed(fault)
        send(result({ status: 'Failed' }))
      },
    )
  }

  async #list(uplift: StationUplift): Promise<Answer> {
    const found = await uplift.roots()
    return result(
      found.length === 0 ? { status: 'NotFound' } : { status: 'Accepted', certificateHashData: found },
    )
  }

  async #ask(uplift: StationUplift): Promise<Answer> {
    const csr = this.#requests.pass() ? await uplift.request() : undefined
    if (csr === undefined) return REJECTED
    this.#up('SignCertificate', { csr })
    return result({ status: 'Accepted' })
  }

  #renew(): void {
    const uplift = this.#uplift()
    if (uplift === undefined || !this.#parts.upstream.usable) return
    uplift.renewal().then(
      csr => {
        if (csr === undefined) return
        this.#log('uplift.renewal-asked')
        this.#up('SignCertificate', { csr })
      },
      (fault: unknown) => this.#failed(fault),
    )
  }

  #tell(type: string): void {
    const timestamp = new Date(this.#parts.ports.clock.wallMs()).toISOString()
    this.#up('SecurityEventNotification', { type, timestamp })
  }

  #up(action: string, payload: object): void {
    const call = { action, payloadText: JSON.stringify(payload), timeoutMs: CSMS_SLOT_MS }
    this.#parts.upstream.send(call, outcome => {
      const conf = outcome.kind === 'result' ? parsePayload(outcome.payloadText) : undefined
      const reason = outcome.kind === 'result' ? textAt(conf, 'status') : outcome.kind
      if (reason !== undefined && reason !== 'Accepted') this.#log('uplift.not-told', { action, reason })
    })
  }

  #settle(answered: Promise<Answer>, send: Send): void {
    answered.then(send, (fault: unknown) => {
      this.#failed(fault)
      send(REJECTED)
    })
  }

  #failed(fault: unknown): void {
    this.#log('uplift.failed', { reason: fault instanceof Error ? fault.message : String(fault) })
  }

  #log(event: string, fields: Readonly<Record<string, string>> = {}): void {
    this.#parts.ports.log.write('warn', event, { station: this.#parts.stationId, ...fields })
  }
}

/** Roots of the manufacturer are the station's. */
function isForCsms(payload: unknown): boolean {
  return textAt(payload, 'certificateType') === 'CentralSystemRootCertificate'
}

function hashesIn(payload: unknown): CertificateHashes | undefined {
  const algorithm = textAt(payload, 'hashAlgorithm')
  const [issuerNameHash, issuerKeyHash, serialNumber] = [
    'issuerNameHash',
    'issuerKeyHash',
    'serialNumber',
  ].map(key => textAt(payload, key))
  if (algorithm !== 'SHA256' && algorithm !== 'SHA384' && algorithm !== 'SHA512') return undefined
  if (issuerNameHash === undefined || issuerKeyHash === undefined || serialNumber === undefined)
    return undefined
  return { hashAlgorithm: algorithm, issuerNameHash, issuerKeyHash, serialNumber }
}
