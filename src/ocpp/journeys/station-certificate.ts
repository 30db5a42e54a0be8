/**
 * Journey of a station's SignCertificate that is answered here, because there is no CSMS or the configuration says so: signed by
 * the site authority and delivered by CertificateSigned (white paper A02). Only for a station that has proven itself, or
 * within minutes of an operator's order: else whoever knows an identity could have its certificate made.
 */
import { result } from '../../core/answer.js'
import { textAt } from '../../core/fields.js'
import type { CertificateKeeper, Reply, SessionParts } from '../session-parts.js'
import { Damper } from '../wire/damper.js'
import { parsePayload } from '../wire/payload.js'
import { stationTimeoutMs } from '../wire/waits.js'

/** One that asks again and again is not helped by more certificates. */
const REQUESTS = { burst: 5, everyMs: 600_000 }
/** A station makes its key within minutes. */
const ORDER_HOLDS_MS = 15 * 60_000

type Parts = Pick<SessionParts, 'stationId' | 'ports' | 'security' | 'down' | 'isAuthenticated'>

export class StationCertificate implements CertificateKeeper {
  readonly #parts: Parts
  readonly #requests: Damper
  #orderedMs = Number.NEGATIVE_INFINITY

  constructor(parts: Parts) {
    this.#parts = parts
    this.#requests = new Damper(parts.ports.clock, REQUESTS)
  }

  ordered(): void {
    this.#orderedMs = this.#parts.ports.clock.monoMs()
  }

  asked(payload: unknown, reply: Reply): void {
    const { isAuthenticated, ports, stationId } = this.#parts
    const csr = textAt(payload, 'csr')
    const isOrdered = ports.clock.monoMs() - this.#orderedMs < ORDER_HOLDS_MS
    const fault = isAuthenticated() || isOrdered ? undefined : 'station is not authenticated'
    const refusal = fault ?? (csr === undefined ? 'no csr' : this.#requests.pass() ? undefined : 'too often')
    if (refusal !== undefined || csr === undefined) {
      ports.log.write('warn', 'certificate.not-signed', { station: stationId, reason: refusal })
      reply(result({ status: 'Rejected' }))
      return
    }
    this.#sign(csr, reply).catch((failure: unknown) => {
      const reason = failure instanceof Error ? failure.message : String(failure)
      ports.log.write('error', 'certificate.not-signed', { station: stationId, reason })
      reply(result({ status: 'Rejected' }))
    })
  }

  async #sign(csr: string, reply: Reply): Promise<void> {
    const { ports, security, stationId } = this.#parts
    const chainPem = await security.sign(stationId, csr)
    if (chainPem === undefined) {
      reply(result({ status: 'Rejected' }))
      return
    }
    this.#orderedMs = Number.NEGATIVE_INFINITY
    reply(result({ status: 'Accepted' }))
    const payloadText = JSON.stringify({ certificateChain: chainPem })
    const call = { action: 'CertificateSigned', payloadText, timeoutMs: stationTimeoutMs(payloadText) }
    this.#parts.down()?.call(call, outcome => {
      const conf = outcome.kind === 'result' ? parsePayload(outcome.payloadText) : undefined
      const status = textAt(conf, 'status') ?? outcome.kind
      const isTaken = status === 'Accepted'
      ports.log.write(isTaken ? 'info' : 'warn', 'certificate.delivered', { station: stationId, status })
    })
  }
}
