/**
 * What is said of sessions: by the API for one session, by the configuration for a vehicle whose tag began it, and where
 * nobody says when it leaves, by the sessions before it (session-habits.ts). Tells the
 * controller when the session runs, keeps what the API said on disk until it ends, and gives it back after a restart.
 */
import type { SiteConfig, VehicleConfig } from '../core/config/site.js'
import { type ClaimRecord, placeKey, type SessionClaim, tagKey } from '../core/control/claim.js'
import type { StationEvent } from '../core/events.js'
import { asciiLower } from '../core/fields.js'
import { nextLocalTime } from '../core/site/local-time.js'
import type { Log } from '../ports.js'
import type { ControlStore } from '../store/control-store.js'
import type { SessionHabits } from './session-habits.js'
import { WaitingClaims } from './waiting-claims.js'

/** What an operator or a fleet system says of a session. */
export type SessionWish = Omit<SessionClaim, 'source' | 'learned'>

export interface ClaimDeps {
  readonly log: Log
  readonly config: SiteConfig
  readonly store: ControlStore
  readonly habits: SessionHabits
  /** See Controller.claim. */
  tell(record: ClaimRecord): boolean
}

interface Running {
  /** As it began. */
  readonly session: StationEvent & { readonly kind: 'transaction-started' }
  /** Of its vehicle, and what was learned where that says nothing. */
  readonly before: SessionClaim | undefined
}

export class SessionClaims {
  readonly #deps: ClaimDeps
  #vehicles: ReadonlyMap<string, VehicleConfig>
  readonly #running = new Map<string, Running>()
  /** Of the last run, until its session is heard of. */
  readonly #kept: Map<string, ClaimRecord>
  readonly #waiting: WaitingClaims

  private constructor(deps: ClaimDeps, kept: readonly ClaimRecord[], waiting: WaitingClaims) {
    this.#deps = deps
    this.#waiting = waiting
    this.#vehicles = byTag(deps.config)
    this.#kept = new Map(kept.map(record => [keyOf(record.stationId, record.connectorId), record]))
  }

  static async open(deps: ClaimDeps): Promise<SessionClaims> {
    return new SessionClaims(deps, await deps.store.claims(), await WaitingClaims.open(deps))
  }

  /** Vehicles from now on; what was said of sessions that run stays said. */
  reconfigure(config: SiteConfig): void {
    this.#vehicles = byTag(config)
  }

  /** After the controller was told. `ended`: of the session that this event ends. */
  onStation(
    event: StationEvent,
    ended: { readonly atWallMs: number; readonly energyWh: number | undefined },
  ): void {
    if (event.kind === 'transaction-started') this.#started(event)
    if (event.kind === 'transaction-stopped') this.#stopped(event, ended)
  }

  /**
   * Takes the place of what was said before; what is not named is as the vehicle's entry says. Gives what holds now;
   * `none` = no session runs there. Rejects when the disk does not take it: then nothing has changed.
   */
  async set(stationId: string, connectorId: number, wish: SessionWish): Promise<SessionClaim | 'none'> {
    const running = this.#running.get(keyOf(stationId, connectorId))
    if (running === undefined) return 'none'
    const { before, session } = running
    const { transactionId } = session
    const { learned, ...known } = before ?? {}
    const isStillLearned = learned !== undefined && wish.departureWallMs === undefined
    const claim: SessionClaim = { ...known, ...wish, source: 'api', ...(isStillLearned && { learned }) }
    const record = { stationId, connectorId, transactionId, claim }
    await this.#deps.store.keepClaim(record)
    // It may have ended meanwhile.
    return this.#deps.tell(record) ? claim : 'none'
  }

  /** The session of a vehicle, by its tag. */
  sessionOf(idTag: string): { readonly stationId: string; readonly connectorId: number } | undefined {
    const key = tagKey(idTag)
    return [...this.#running.values()].find(({ session }) => tagKey(session.idTag) === key)?.session
  }

  /** By which the session there began; undefined without one. */
  tagAt(stationId: string, connectorId: number): string | undefined {
    return this.#running.get(keyOf(stationId, connectorId))?.session.idTag
  }

  isRunning(stationId: string, connectorId: number): boolean {
    return this.#running.has(keyOf(stationId, connectorId))
  }

  /** Of the next session of a vehicle or place (`tagKey`, `placeKey`). False when too many wait; rejects as `set` does. */
  async setNext(
    key: string,
    wish: SessionWish,
    at: { nowWallMs: number; untilWallMs: number },
  ): Promise<boolean> {
    const { nowWallMs, untilWallMs } = at
    return this.#waiting.keep({ key, claim: { ...wish, source: 'api' }, untilWallMs }, nowWallMs)
  }

  /** False where nothing was said of it. */
  withdrawNext(key: string): boolean {
    return this.#waiting.forget(key)
  }

  #started(event: StationEvent & { readonly kind: 'transaction-started' }): void {
    const { stationId, connectorId, transactionId, idTag, startedWallMs } = event
    const key = keyOf(stationId, connectorId)
    const before = this.#learnedOr(this.#wishOf(idTag, startedWallMs), event)
    this.#running.set(key, { session: event, before })
    const kept = this.#kept.get(key)
    this.#kept.delete(key)
    const waited = event.adopted === true ? undefined : this.#waiting.take(event)
    if (kept?.transactionId === transactionId) this.#deps.tell(kept)
    else if (waited !== undefined) this.#come(event, before, waited)
    else if (before !== undefined) this.#deps.tell({ stationId, connectorId, transactionId, claim: before })
  }

  /** It holds at once; lost in a power cut it is as if it had not been said. */
  #come(session: Running['session'], before: SessionClaim | undefined, waited: SessionClaim): void {
    const { stationId, connectorId, transactionId } = session
    const { learned, ...known } = before ?? {}
    const isStillLearned = learned !== undefined && waited.departureWallMs === undefined
    const claim: SessionClaim = { ...known, ...waited, ...(isStillLearned && { learned }) }
    const record = { stationId, connectorId, transactionId, claim }
    this.#deps.tell(record)
    this.#deps.store
      .keepClaim(record)
      .catch((fault: unknown) =>
        this.#deps.log.write('warn', 'claim not written', { station: stationId, fault: String(fault) }),
      )
  }

  /** What somebody says of a vehicle comes before what was seen of it. */
  #learnedOr(byTag: SessionWish | undefined, event: Running['session']): SessionClaim | undefined {
    const said: SessionClaim | undefined = byTag === undefined ? undefined : { ...byTag, source: 'tag' }
    if (event.adopted === true || byTag?.departureWallMs !== undefined) return said
    const guess = this.#deps.habits.expect(event)
    if (guess === undefined) return said
    const { leavesMin, energyWh, times, of } = guess
    const { timeZone } = this.#deps.config.site
    const departureWallMs = nextLocalTime(clockText(leavesMin), timeZone, event.startedWallMs)
    return {
      ...(energyWh !== undefined && { energyWh }),
      ...(said ?? { source: 'learned' }),
      departureWallMs,
      learned: { times, of },
    }
  }

  #stopped(
    { stationId, connectorId, transactionId }: StationEvent & { kind: 'transaction-stopped' },
    { atWallMs, energyWh }: { readonly atWallMs: number; readonly energyWh: number | undefined },
  ): void {
    const key = keyOf(stationId, connectorId)
    const session = this.#running.get(key)?.session
    if (session?.transactionId !== transactionId) return
    this.#running.delete(key)
    // Of an adopted one nobody knows when it began.
    if (session.adopted !== true) this.#deps.habits.learn(session, atWallMs, energyWh)
    this.#kept.delete(key)
    // Left behind it harms nobody: it names a session that has ended.
    this.#deps.store
      .forgetClaim(stationId, connectorId)
      .catch((fault: unknown) =>
        this.#deps.log.write('warn', 'claim not forgotten', { station: stationId, fault: String(fault) }),
      )
  }

  #wishOf(idTag: string, startedWallMs: number): SessionWish | undefined {
    const vehicle = this.#vehicles.get(asciiLower(idTag))
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

/** Tags are compared without regard to the case of ASCII letters (OCPP 1.6 §7, CiString). */
const byTag = ({ vehicles }: SiteConfig): ReadonlyMap<string, VehicleConfig> =>
  new Map(vehicles.map(vehicle => [asciiLower(vehicle.idTag), vehicle]))

/** "06:05" */
function clockText(minute: number): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}

const keyOf = placeKey
