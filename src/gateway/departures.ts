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
import type { ControlState } from '../core/control/state.js'
import type { Clock } from '../ports.js'
import type { SessionClaims, SessionWish } from './session-claims.js'

export interface DepartureDeps {
  readonly claims: SessionClaims
  readonly clock: Pick<Clock, 'monoMs' | 'after'>
  state(): ControlState
  now(): Now
}

/** A wish without a departure waits so long for its session. */
const WAITS_MS = 24 * 3_600_000
/** A plan further ahead than this is no plan of this depot's. */
const MOST_AHEAD_MS = 14 * 24 * 3_600_000
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
  | { readonly kind: 'session'; readonly place: Place; readonly name: string }
  | { readonly kind: 'next'; readonly key: string; readonly name: string }

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
      return refused({ error: 'over', found: show(order.departureAt), expected: 'a time to come' })
    if (departureWallMs !== undefined && departureWallMs - nowWallMs > MOST_AHEAD_MS)
      return refused({ error: 'too far ahead', found: show(order.departureAt), expected: 'within 14 days' })
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
    if (!kept)
      return refused({
        error: 'too many wait',
        found: '1000 sessions to come',
        expected: 'some withdrawn first',
      })
    return done(order, `${target.name}: ${saidText(order)}; waits for its session, promised is nothing yet`, {
      promised: false,
    })
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
    return done(order, `${name}: ${saidText(order)}${foreseenText(forecast, wanted)}`, {
      promised: isKnown && forecast.shortWh === 0,
      ...(isKnown && { possibleWh: forecast.possibleWh, shortWh: forecast.shortWh }),
    })
  }

  async #withdraw(target: Target, order: DepartureOrder): Promise<OrderOutcome> {
    const { claims } = this.#deps
    const text = `${target.name}: nothing is said of it any more`
    if (order.dryRun) return done(order, text)
    if (target.kind === 'next')
      return claims.withdrawNext(target.key) ? done(order, text) : refused(noSession(target.name))
    const { stationId, connectorId } = target.place
    const left = await claims.set(stationId, connectorId, {}).catch(notKept)
    if (left === 'not kept') return refused(NOT_KEPT)
    return left === 'none' ? refused(noSession(target.name)) : done(order, text)
  }

  #targetOf({ station, connector, bay, vehicle }: DepartureOrder): Target | OrderRefusal {
    if (vehicle !== undefined) return this.#vehicle(vehicle)
    const { stations } = this.#deps.state()
    const found = [...stations.values()].filter(({ id, config }) =>
      station === undefined ? config.bay === bay : id === station,
    )
    if (found.length === 0)
      return station === undefined
        ? { error: 'no such bay', found: show(bay), expected: 'the bay of a configured station' }
        : { error: 'no such station', found: show(station), expected: 'the id of a configured station' }
    const places = found.flatMap(({ id, connectors }) =>
      connectors.map(one => ({ stationId: id, connectorId: one.id })),
    )
    const asked = places.filter(place => connector === undefined || place.connectorId === connector)
    const { claims } = this.#deps
    const running = asked.filter(place => claims.isRunning(place.stationId, place.connectorId))
    const [place, other] = running.length > 0 ? running : asked
    if (place === undefined) {
      const ids = places.map(({ connectorId }) => connectorId)
      return { error: 'no such connector', found: `${connector}`, expected: `one of ${ids.join(', ')}` }
    }
    if (other !== undefined)
      return { error: 'which one', found: show(station ?? bay), expected: 'a station and its connector' }
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
    if (vehicle === undefined)
      return { error: 'no such vehicle', found: 'a name nobody has', expected: 'one of "vehicles"' }
    if (other !== undefined) return { error: 'which one', found: show(said), expected: 'a name only one has' }
    const name = vehicle.name ?? 'the vehicle'
    const place = this.#deps.claims.sessionOf(vehicle.idTag)
    if (place === undefined) return { kind: 'next', key: tagKey(vehicle.idTag), name }
    return { kind: 'session', place, name: `${name} at ${place.stationId}/${place.connectorId}` }
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
  const found = `${kWh(energyWh ?? 0)} until ${departureAt}`
  const most = `at most ${kWh(possibleWh)} until then; ${kWh(shortWh)} are missing`
  if (shortWh > 0) return { error: 'not possible', found, expected: most, shortWh }
  if (takenFrom.length === 0) return undefined
  const others = takenFrom.map(it => `${it.stationId}/${it.connectorId} ${kWh(it.shortWh)}`)
  const lostWh = takenFrom.reduce((sum, it) => sum + it.shortWh, 0)
  return {
    error: 'takes from others',
    found,
    expected: `less, or later: ${others.join(', ')} would miss`,
    shortWh: lostWh,
  }
}

function saidText({ departureAt, energyWh, priorityClass }: DepartureOrder): string {
  const parts = [
    ...(departureAt === undefined ? [] : [`leaves at ${departureAt}`]),
    ...(energyWh === undefined ? [] : [`wants ${kWh(energyWh)}`]),
    ...(priorityClass === undefined ? [] : [`class ${priorityClass}`]),
  ]
  return parts.length === 0 ? 'nothing is said' : parts.join(', ')
}

function foreseenText(forecast: DepartureForecast | undefined, wanted: boolean): string {
  if (!wanted) return ''
  if (forecast === undefined) return '; nothing can be foreseen of it now'
  const { possibleWh, shortWh } = forecast
  return shortWh > 0
    ? `; ${kWh(possibleWh)} are possible, ${kWh(shortWh)} are missing`
    : `; ${kWh(possibleWh)} are possible`
}

const kWh = (wh: number): string => `${Math.round(wh / 100) / 10} kWh`
const NOT_KEPT: OrderRefusal = {
  error: 'not kept',
  found: 'a disk that does not write',
  expected: 'try again',
}
const TOO_FREQUENT: OrderRefusal = {
  error: 'too frequent',
  found: `${MOST_WAITING} departures that wait to be foreseen`,
  expected: 'try again',
}
const notKept = (): 'not kept' => 'not kept'
const noSession = (name: string): OrderRefusal => ({
  error: 'no session',
  found: name,
  expected: 'one that runs, or of which something was said',
})
const refused = (why: OrderRefusal): OrderOutcome => ({ kind: 'refused', why })

function done({ dryRun }: DepartureOrder, text: string, departure?: DepartureAnswer): OrderOutcome {
  return { kind: 'done', done: { dryRun, text, isDurable: true, ...(departure && { departure }) } }
}
