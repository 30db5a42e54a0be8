/**
 * Sends the RemoteStartTransaction of a session that Busbar begins by itself while the CSMS is away (proxy rules 11, 12).
 * Watches what passes; when a start is due is core's (`offline/self-start`), whether it may be is asked once more here.
 */
import { integerAt, textAt } from '../../core/fields.js'
import {
  type PlugIn,
  type PlugNews,
  plugged,
  RESUME_SPREAD_MS,
  type SelfStartSite,
  selfStart,
  UNKNOWN_PLUG,
} from '../../core/offline/self-start.js'
import { reportedValue } from '../../core/station/configuration.js'
import type { Timer } from '../../ports.js'
import type { SessionParts } from '../session-parts.js'
import { isStatus } from '../station/observe.js'
import { parsePayload } from '../wire/payload.js'
import { STATION_TIMEOUT_MS } from '../wire/waits.js'

/** Connector ids a station may claim: more than any has. */
const MAX_PLUGS = 65
const BROWN_OUT_KEY = 'AllowChargeAfterBrownOut'

export class SelfStart {
  readonly #parts: SessionParts
  readonly #mayBegin: () => boolean
  readonly #plugs = new Map<number, PlugIn>()
  #awaySinceMs: number | undefined
  #tagShownMs = Number.NEGATIVE_INFINITY
  #timer: Timer | undefined

  /** `mayBegin`: a session that begins now is wanted and could be kept. */
  constructor(parts: SessionParts, mayBegin: () => boolean) {
    this.#parts = parts
    this.#mayBegin = mayBegin
    for (const { connectorId, latest } of parts.remembered.statuses()) {
      // who was free when it was last heard of is plugged in anew
      const status = textAt(parsePayload(latest.payloadText), 'status')
      if (status === 'Available') this.#plugs.set(connectorId, { isFresh: true })
    }
  }

  /** A CALL of the station, before anybody has answered it. */
  saw(action: string, payload: unknown): void {
    const connectorId = integerAt(payload, 'connectorId') ?? 0
    switch (action) {
      case 'StatusNotification': {
        const status = textAt(payload, 'status')
        if (isStatus(status)) this.#news(connectorId, { kind: 'status', status, nowMs: this.#nowMs() })
        return
      }
      case 'Authorize':
        this.#tagShownMs = this.#nowMs()
        this.#arm()
        return
      case 'StartTransaction':
        this.#news(connectorId, { kind: 'used' })
        return
      case 'StopTransaction':
        this.#stopped(payload)
        return
      case 'BootNotification':
        this.#booted()
    }
  }

  /** The CSMS has gone, or is there. */
  upstream(isAway: boolean): void {
    if (!isAway) this.#awaySinceMs = undefined
    else this.#awaySinceMs ??= this.#nowMs()
    this.#arm()
  }

  stationGone(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #stopped(payload: unknown): void {
    const { book, stationId } = this.#parts
    const id = integerAt(payload, 'transactionId')
    const record = id === undefined ? undefined : book.resolve(stationId, id)
    if (record === undefined) return
    if (textAt(payload, 'reason') === 'PowerLoss' && record.refusedLate !== true && record.idTag !== '')
      this.#lost(record.connectorId, record.idTag)
    else this.#news(record.connectorId, { kind: 'used' })
  }

  /** It has restarted: what ran there does not run any more, whether it says so or not. */
  #booted(): void {
    const { book, stationId } = this.#parts
    for (const { connectorId, idTag, refusedLate, state } of book.unfinished(stationId))
      if (state === 'open' && refusedLate !== true && idTag !== '') this.#lost(connectorId, idTag)
  }

  #lost(connectorId: number, idTag: string): void {
    const spreadMs = Math.floor(this.#parts.ports.random.next() * RESUME_SPREAD_MS)
    this.#news(connectorId, { kind: 'lost', idTag, atMs: this.#nowMs(), spreadMs })
  }

  #news(connectorId: number, news: PlugNews): void {
    if (connectorId < 1) return
    const before = this.#plugs.get(connectorId)
    if (before === undefined && this.#plugs.size >= MAX_PLUGS) return
    this.#plugs.set(connectorId, plugged(before ?? UNKNOWN_PLUG, news))
    this.#arm()
  }

  #nowMs(): number {
    return this.#parts.ports.clock.monoMs()
  }

  #site(): SelfStartSite {
    const { policy, configuration } = this.#parts.remembered
    return {
      policy,
      awaySinceMs: this.#awaySinceMs,
      tagShownMs: this.#tagShownMs,
      lacksBrownOutKey:
        configuration.readWallMs !== undefined && reportedValue(configuration, BROWN_OUT_KEY) === undefined,
    }
  }

  /** One timer, for the start that is due first. */
  #arm(): void {
    this.stationGone()
    const site = this.#site()
    let firstMs = Number.POSITIVE_INFINITY
    for (const plug of this.#plugs.values())
      firstMs = Math.min(firstMs, selfStart(plug, site)?.atMs ?? Number.POSITIVE_INFINITY)
    if (firstMs === Number.POSITIVE_INFINITY) return
    this.#timer = this.#parts.ports.clock.after(Math.max(0, firstMs - this.#nowMs()), () => this.#due())
  }

  #due(): void {
    const site = this.#site()
    const nowMs = this.#nowMs()
    for (const [connectorId, plug] of [...this.#plugs]) {
      const due = selfStart(plug, site)
      if (due === undefined || due.atMs > nowMs) continue
      // once in a plug-in, whatever comes of it
      this.#plugs.set(connectorId, plugged(plug, { kind: 'used' }))
      this.#start(connectorId, due)
    }
    this.#arm()
  }

  #start(connectorId: number, { idTag, why }: { readonly idTag: string; readonly why: string }): void {
    const { book, ports, remembered, stationId } = this.#parts
    const leg = this.#parts.down()
    const nowWallMs = ports.clock.wallMs()
    const runs = why === 'free-vend' && book.openOn(stationId, connectorId) !== undefined
    const isKept = remembered.tags.isReserved(connectorId, nowWallMs)
    const isWelcome = remembered.tags.verdict(idTag, nowWallMs, connectorId).status === 'Accepted'
    if (leg === undefined || runs || isKept || !isWelcome || !this.#mayBegin()) return
    const payloadText = JSON.stringify({ connectorId, idTag })
    leg.call({ action: 'RemoteStartTransaction', payloadText, timeoutMs: STATION_TIMEOUT_MS }, outcome => {
      const status =
        outcome.kind === 'result' ? textAt(parsePayload(outcome.payloadText), 'status') : undefined
      ports.log.write('info', 'session-started-here', {
        station: stationId,
        connector: connectorId,
        why,
        outcome: status ?? outcome.kind,
      })
    })
  }
}
