/**
 * What is said of sessions: by the API for one session, by the configuration for a vehicle whose tag began it. Tells the
 * controller when the session runs, keeps what the API said on disk until it ends, and gives it back after a restart.
 */
import type { SiteConfig, VehicleConfig } from '../core/config/site.js'
import type { ClaimRecord, SessionClaim } from '../core/control/claim.js'
import type { StationEvent } from '../core/events.js'
import { nextLocalTime } from '../core/site/local-time.js'
import type { Log } from '../ports.js'
import type { ControlStore } from '../store/control-store.js'

/** What an operator or a fleet system says of a session. */
export type SessionWish = Omit<SessionClaim, 'source'>

export interface ClaimDeps {
  readonly log: Log
  readonly config: SiteConfig
  readonly store: ControlStore
  /** See Controller.claim. */
  tell(record: ClaimRecord): boolean
}

interface Running {
  readonly transactionId: number
  /** Of its vehicle. */
  readonly byTag: SessionWish | undefined
}

export class SessionClaims {
  readonly #deps: ClaimDeps
  readonly #vehicles: ReadonlyMap<string, VehicleConfig>
  readonly #running = new Map<string, Running>()
  /** Of the last run, until its session is heard of. */
  readonly #kept: Map<string, ClaimRecord>

  private constructor(deps: ClaimDeps, kept: readonly ClaimRecord[]) {
    this.#deps = deps
    // Tags are compared without regard to case (OCPP 1.6 §6.43, CiString).
    this.#vehicles = new Map(deps.config.vehicles.map(vehicle => [vehicle.idTag.toLowerCase(), vehicle]))
    this.#kept = new Map(kept.map(record => [keyOf(record.stationId, record.connectorId), record]))
  }

  static async open(deps: ClaimDeps): Promise<SessionClaims> {
    return new SessionClaims(deps, await deps.store.claims())
  }

  /** After the controller was told. */
  onStation(event: StationEvent): void {
    if (event.kind === 'transaction-started') this.#started(event)
    if (event.kind === 'transaction-stopped') this.#stopped(event)
  }

  /**
   * Takes the place of what was said before; what is not named is as the vehicle's entry says. Gives what holds now;
   * `none` = no session runs there. Rejects when the disk does not take it: then nothing has changed.
   */
  async set(stationId: string, connectorId: number, wish: SessionWish): Promise<SessionClaim | 'none'> {
    const running = this.#running.get(keyOf(stationId, connectorId))
    if (running === undefined) return 'none'
    const { transactionId, byTag } = running
    const claim: SessionClaim = { ...byTag, ...wish, source: 'api' }
    const record = { stationId, connectorId, transactionId, claim }
    await this.#deps.store.keepClaim(record)
    // It may have ended meanwhile.
    return this.#deps.tell(record) ? claim : 'none'
  }

  #started(event: StationEvent & { readonly kind: 'transaction-started' }): void {
    const { stationId, connectorId, transactionId, idTag, startedWallMs } = event
    const key = keyOf(stationId, connectorId)
    const byTag = this.#wishOf(idTag, startedWallMs)
    this.#running.set(key, { transactionId, byTag })
    const kept = this.#kept.get(key)
    this.#kept.delete(key)
    if (kept?.transactionId === transactionId) this.#deps.tell(kept)
    else if (byTag !== undefined)
      this.#deps.tell({ stationId, connectorId, transactionId, claim: { ...byTag, source: 'tag' } })
  }

  #stopped({ stationId, connectorId, transactionId }: StationEvent & { kind: 'transaction-stopped' }): void {
    const key = keyOf(stationId, connectorId)
    if (this.#running.get(key)?.transactionId !== transactionId) return
    this.#running.delete(key)
    this.#kept.delete(key)
    // Left behind it harms nobody: it names a session that has ended.
    this.#deps.store
      .forgetClaim(stationId, connectorId)
      .catch((fault: unknown) =>
        this.#deps.log.write('warn', 'claim not forgotten', { station: stationId, fault: String(fault) }),
      )
  }

  #wishOf(idTag: string, startedWallMs: number): SessionWish | undefined {
    const vehicle = this.#vehicles.get(idTag.toLowerCase())
    if (vehicle === undefined) return undefined
    const { departsAt, energyWh, weight, priorityClass } = vehicle
    const { timeZone } = this.#deps.config.site
    return {
      ...(departsAt !== undefined && { departureWallMs: nextLocalTime(departsAt, timeZone, startedWallMs) }),
      ...(energyWh !== undefined && { energyWh }),
      ...(weight !== undefined && { weight }),
      ...(priorityClass !== undefined && { priorityClass }),
    }
  }
}

const keyOf = (stationId: string, connectorId: number): string => `${stationId}/${connectorId}`
