/**
 * The desk for departures: what somebody wants of a session, by station, bay or vehicle. What is not possible by then is refused with
 * what is missing (core/control/departure.ts). Decides who is served first, never how much may flow.
 */

import type { DepartureOrder } from '../core/config/limit-order.js'
import { show } from '../core/config/shown.js'
import type { VehicleConfig } from '../core/config/site.js'
import { placeKey, tagKey } from '../core/control/claim.js'
import { type DepartureForecast, departureForecast } from '../core/control/departure.js'
import type { Now } from '../core/control/now.js'
import type { DepartureAnswer, OrderOutcome, OrderRefusal } from '../core/control/order-desk.js'
import { lineOf } from '../core/control/order-words.js'
import type { ControlState } from '../core/control/state.js'
import { refusal } from '../core/words/refused.js'
import { type Said, type SaidParam, say } from '../core/words/said.js'
import type { Clock } from '../ports.js'
import type { SessionClaims, SessionWish } from './session-claims.js'
import { MAX_WAITING } from './waiting-claims.js'

export interface DepartureDeps {
  readonly claims: SessionClaims
  readonly clock: Pick<Clock, 'monoMs' | 'after'>
  state(): ControlState
  now(): Now
}

/** A wish without a departure waits so long for its session. */
const WAITS_MS = 24 * 3_600_000
/** A plan further ahead than this is no plan of this depot's. */
const MOST_AHEAD_DAYS = 14
const MOST_AHEAD_MS = MOST_AHEAD_DAYS * 24 * 3_600_000
/** To foresee a departure holds control for up to a quarter of a second on a busy machine: the others wait their turn. */
const FORESEEN_EVERY_MS = 500
const AT_ONCE = 4
const MOST_WAITING = 60

interface Place {
  readonly stationId: string
  readonly connectorId: number
}

/** What it is for: a session that runs, or the next one of a vehicle or place. */
type Target =
  | { readonly kind: 'session'; readonly place: Place; readonly name: SaidParam }
  | { readonly kind: 'next'; readonly key: string; readonly name: SaidParam }

export class Departures {
  readonly #deps: DepartureDeps
  #nextMs = Number.NEGATIVE_INFINITY
  #waiting = 0

  constructor(deps: DepartureDeps) {
    this.#deps = deps
  }

  async take(order: DepartureOrder): Promise<OrderOutcome> {
    const target = this.#targetOf(order)
    if ('error' in target) return refused(target)
    if (order.withdraw) return this.#withdraw(target, order)
    const wish = wishOf(order)
    const nowWallMs = this.#deps.now().wallMs
    const { departureWallMs } = wish
    if (departureWallMs !== undefined && departureWallMs <= nowWallMs)
      return refused(refusal('over', { found: show(order.departureAt) }))
    if (departureWallMs !== undefined && departureWallMs - nowWallMs > MOST_AHEAD_MS)
      return refused(refusal('too-far-ahead', { found: show(order.departureAt), days: MOST_AHEAD_DAYS }))
    if (target.kind === 'next') return this.#next(target, order, wish)
    if (departureWallMs !== undefined && !(await this.#turn())) return refused(TOO_FREQUENT)
    return this.#session(target, order, wish)
  }

  /** False where too many wait for theirs. */
  async #turn(): Promise<boolean> {
    const { clock } = this.#deps
    const nowMs = clock.monoMs()
    const waitMs = this.#nextMs - nowMs - (AT_ONCE - 1) * FORESEEN_EVERY_MS
    if (waitMs > 0 && this.#waiting >= MOST_WAITING) return false
    this.#nextMs = Math.max(nowMs, this.#nextMs) + FORESEEN_EVERY_MS
    if (waitMs <= 0) return true
    this.#waiting++
    await new Promise<void>(resolve => {
      clock.after(waitMs, resolve)
    })
    this.#waiting--
    return true
  }

  async #next(
    target: Target & { kind: 'next' },
    order: DepartureOrder,
    wish: SessionWish,
  ): Promise<OrderOutcome> {
    const nowWallMs = this.#deps.now().wallMs
    const at = { nowWallMs, untilWallMs: wish.departureWallMs ?? nowWallMs + WAITS_MS }
    const kept = order.dryRun || (await this.#deps.claims.setNext(target.key, wish, at).catch(notKept))
    if (kept === 'not kept') return refused(NOT_KEPT)
    if (!kept) return refused(refusal('too-many-wait', { most: MAX_WAITING }))
    return done(order, [toldPart(target.name, order), say('departure-waits')], { promised: false })
  }

  async #session(
    { place, name }: Target & { kind: 'session' },
    order: DepartureOrder,
    wish: SessionWish,
  ): Promise<OrderOutcome> {
    const { claims, state, now } = this.#deps
    const forecast = departureForecast(
      state(),
      { key: `${place.stationId}/${place.connectorId}`, claim: wish },
      now(),
    )
    const wanted = order.energyWh !== undefined && order.departureAt !== undefined
    const why = forecast && wanted && !order.orLess ? cannotBe(forecast, order) : undefined
    if (why !== undefined) return refused(why)
    const kept = order.dryRun || (await claims.set(place.stationId, place.connectorId, wish).catch(notKept))
    if (kept === 'not kept') return refused(NOT_KEPT)
    if (kept === 'none') return refused(noSession(name))
    const isKnown = forecast !== undefined && wanted
    return done(order, [toldPart(name, order), ...foreseen(forecast, wanted)], {
      promised: isKnown && forecast.shortWh === 0,
      ...(isKnown && { possibleWh: forecast.possibleWh, shortWh: forecast.shortWh }),
    })
  }

  async #withdraw(target: Target, order: DepartureOrder): Promise<OrderOutcome> {
    const { claims } = this.#deps
    const parts = [say('departure-withdrawn', { name: target.name })]
    if (order.dryRun) return done(order, parts)
    if (target.kind === 'next')
      return claims.withdrawNext(target.key) ? done(order, parts) : refused(noSession(target.name))
    const { stationId, connectorId } = target.place
    const left = await claims.set(stationId, connectorId, {}).catch(notKept)
    if (left === 'not kept') return refused(NOT_KEPT)
    return left === 'none' ? refused(noSession(target.name)) : done(order, parts)
  }

  #targetOf({ station, connector, bay, vehicle }: DepartureOrder): Target | OrderRefusal {
    if (vehicle !== undefined) return this.#vehicle(vehicle)
    const { stations } = this.#deps.state()
    const found = [...stations.values()].filter(({ id, config }) =>
      station === undefined ? config.bay === bay : id === station,
    )
    if (found.length === 0)
      return station === undefined
        ? refusal('no-bay', { found: show(bay) })
        : refusal('no-station', { found: show(station) })
    const places = found.flatMap(({ id, connectors }) =>
      connectors.map(one => ({ stationId: id, connectorId: one.id })),
    )
    const asked = places.filter(place => connector === undefined || place.connectorId === connector)
    const { claims } = this.#deps
    const running = asked.filter(place => claims.isRunning(place.stationId, place.connectorId))
    const [place, other] = running.length > 0 ? running : asked
    if (place === undefined) {
      const ids = places.map(({ connectorId }) => connectorId)
      return refusal('no-connector', { found: `${connector}`, known: ids.join(', ') })
    }
    if (other !== undefined) return refusal('which-connector', { found: show(station ?? bay) })
    const name = `${place.stationId}/${place.connectorId}`
    if (running.length > 0) return { kind: 'session', place, name }
    return { kind: 'next', key: placeKey(place.stationId, place.connectorId), name }
  }

  /** By its name, which may be told; a tag is not repeated. */
  #vehicle(said: string): Target | OrderRefusal {
    const { vehicles } = this.#deps.state().site.config
    const named = vehicles.filter(({ name }) => name === said)
    const found: readonly VehicleConfig[] =
      named.length > 0 ? named : vehicles.filter(({ idTag }) => tagKey(idTag) === tagKey(said))
    const [vehicle, other] = found
    if (vehicle === undefined) return refusal('no-vehicle', {})
    if (other !== undefined) return refusal('which-vehicle', { found: show(said) })
    const name = vehicle.name ?? say('vehicle-without-name')
    const place = this.#deps.claims.sessionOf(vehicle.idTag)
    if (place === undefined) return { kind: 'next', key: tagKey(vehicle.idTag), name }
    const vehicleAt = say('vehicle-at', { vehicle: name, place: `${place.stationId}/${place.connectorId}` })
    return { kind: 'session', place, name: vehicleAt }
  }
}

function wishOf({ departureAt, energyWh, priorityClass }: DepartureOrder): SessionWish {
  return {
    ...(departureAt !== undefined && { departureWallMs: Date.parse(departureAt) }),
    ...(energyWh !== undefined && { energyWh }),
    ...(priorityClass !== undefined && { priorityClass }),
  }
}

function cannotBe(
  forecast: DepartureForecast,
  { energyWh, departureAt }: DepartureOrder,
): OrderRefusal | undefined {
  const { possibleWh, shortWh, takenFrom } = forecast
  const wanted = { energy: kWh(energyWh ?? 0), until: departureAt ?? '' }
  const most = { possible: kWh(possibleWh), short: kWh(shortWh) }
  if (shortWh > 0) return { ...refusal('not-possible', { ...wanted, ...most }), shortWh }
  if (takenFrom.length === 0) return undefined
  const others = takenFrom.map(it => `${it.stationId}/${it.connectorId} ${kWh(it.shortWh)}`)
  const lostWh = takenFrom.reduce((sum, it) => sum + it.shortWh, 0)
  return { ...refusal('takes-from-others', { ...wanted, others: others.join(', ') }), shortWh: lostWh }
}

/** "CP-1/1: leaves at 06:30, wants 40 kWh". */
function toldPart(name: SaidParam, { departureAt, energyWh, priorityClass }: DepartureOrder): Said {
  const [first, ...rest] = [
    ...(departureAt === undefined ? [] : [say('departure-leaves', { at: departureAt })]),
    ...(energyWh === undefined ? [] : [say('departure-wants', { energy: kWh(energyWh) })]),
    ...(priorityClass === undefined ? [] : [say('departure-class', { class: priorityClass })]),
  ]
  if (first === undefined) return say('departure-of-nothing', { name })
  const told = rest.reduce((one, other) => say('two-of-departure', { one, other }), first)
  return say('departure-told', { name, told })
}

function foreseen(forecast: DepartureForecast | undefined, wanted: boolean): readonly Said[] {
  if (!wanted) return []
  if (forecast === undefined) return [say('departure-unforeseen')]
  const { possibleWh, shortWh } = forecast
  const energy = kWh(possibleWh)
  return [
    shortWh > 0
      ? say('departure-short', { energy, short: kWh(shortWh) })
      : say('departure-possible', { energy }),
  ]
}

const kWh = (wh: number): string => `${Math.round(wh / 100) / 10} kWh`
const NOT_KEPT = refusal('disk-not-written', {})
const TOO_FREQUENT = refusal('departures-too-frequent', { most: MOST_WAITING })
const notKept = (): 'not kept' => 'not kept'
const noSession = (name: SaidParam): OrderRefusal => refusal('no-session', { found: name })
const refused = (why: OrderRefusal): OrderOutcome => ({ kind: 'refused', why })

function done({ dryRun }: DepartureOrder, parts: readonly Said[], departure?: DepartureAnswer): OrderOutcome {
  const told = { dryRun, text: lineOf(parts), parts, isDurable: true }
  return { kind: 'done', done: { ...told, ...(departure && { departure }) } }
}
