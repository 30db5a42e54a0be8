/**
 * Depot systems by VDV 463 at work: each list of charging requests becomes departures of vehicles, what is in no list any more is withdrawn, and
 * the plan is told back. Requests are by percent of a battery; without `batteryWh` or the percent at arrival only the departure is known.
 */
import type { SiteConfig, VehicleConfig } from '../core/config/site.js'
import { MAX_ENERGY_WH, PRIORITY_CLASSES } from '../core/config/vehicle.js'
import { tagKey } from '../core/control/claim.js'
import type { DepartureAnswer, OrderDesk } from '../core/control/order-desk.js'
import type { SiteView } from '../core/view/document.js'
import type { Ports, Stoppable } from '../ports.js'
import type { Plan } from '../vdv463/information.js'
import type { ChargingRequest } from '../vdv463/messages.js'
import { startDepotSystemServer, type Taken } from '../vdv463/server.js'
import type { PageIdentities } from './page-door.js'
import type { SessionClaims } from './session-claims.js'

export interface DepotSystemDeps {
  readonly ports: Pick<Ports, 'clock' | 'log' | 'network' | 'secrets'>
  readonly identities: PageIdentities
  readonly orders: Pick<OrderDesk, 'departure'>
  readonly claims: Pick<SessionClaims, 'tagAt'>
  readonly password: string | undefined
  config(): SiteConfig
  view(): SiteView
}

const NOTHING: Stoppable = { stop: async () => undefined }

/** Nothing where none is configured. A door that would be open without TLS or a password stays shut, and control runs. */
export async function startDepotSystem(deps: DepotSystemDeps): Promise<Stoppable> {
  const { vdv463 } = deps.config()
  if (vdv463 === undefined) return NOTHING
  const { ports, identities, password } = deps
  const identity = identities.pageIdentity()
  if (identity === undefined || password === undefined) {
    ports.log.write('error', 'vdv463 not opened', {
      fault:
        identity === undefined ? 'no certificate' : `no entry "${vdv463.passwordSecret}" in secrets.json`,
    })
    return NOTHING
  }
  const wishes = new DepotWishes({ ...deps, wallMs: () => ports.clock.wallMs() })
  const { host, port, username } = vdv463
  const door = await startDepotSystemServer({
    ...{ ports, host, port, username, password, tls: { identities: [identity] } },
    view: () => deps.view(),
    take: (presystemId, requests) => wishes.take(presystemId, requests),
    planOf: (stationId, connectorId) => wishes.planOf(stationId, connectorId),
  })
  identities.onRenewed?.(() => {
    const next = identities.pageIdentity()
    if (next !== undefined) door.renew({ identities: [next] })
  })
  ports.log.write('info', 'vdv463', { host, port: door.port })
  return door
}

interface Wanted {
  readonly plan: Plan
  readonly vehicle: VehicleConfig
  /** What of it is not possible. */
  readonly fault?: string
}

type WishDeps = Pick<DepotSystemDeps, 'orders' | 'claims' | 'config'> & { wallMs(): number }

export class DepotWishes {
  readonly #deps: WishDeps
  /** By depot system and id of the request; only those that want something. */
  readonly #wanted = new Map<string, ReadonlyMap<string, Wanted>>()
  /** One list after another, also over two connections of one system: a late one may not undo the newer. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(deps: WishDeps) {
    this.#deps = deps
  }

  /** What is not possible or not known is told; the rest is taken. */
  take(presystemId: string, requests: readonly ChargingRequest[]): Promise<Taken> {
    const taken = this.#turn.then(() => this.#take(presystemId, requests))
    this.#turn = taken.catch(() => undefined)
    return taken
  }

  async #take(presystemId: string, requests: readonly ChargingRequest[]): Promise<Taken> {
    if (!this.#wanted.has(presystemId) && this.#wanted.size >= MAX_SYSTEMS)
      return { missing: [`${MAX_SYSTEMS} depot systems have requests already`], notDone: [] }
    const before = this.#wanted.get(presystemId) ?? new Map<string, Wanted>()
    const now = new Map<string, Wanted>()
    const missing: string[] = []
    const notDone: string[] = []
    for (const request of requests) {
      if (request.chargingInstruction === 'Terminate') continue
      const id = request.chargingRequestId
      const known = before.get(id)
      const wanted =
        known !== undefined && isSame(known.plan.request, request)
          ? known
          : await this.#want(presystemId, request)
      if (typeof wanted !== 'string') now.set(id, wanted)
      const fault = typeof wanted === 'string' ? wanted : wanted.fault
      if (fault !== undefined) missing.push(`${id}: ${fault}`)
      if (typeof wanted !== 'string' && wanted.plan.notDone !== undefined)
        notDone.push(`${id}: ${wanted.plan.notDone.text}`)
    }
    if (now.size > 0) this.#wanted.set(presystemId, now)
    else this.#wanted.delete(presystemId)
    const kept = new Set([...now.values()].map(({ vehicle }) => vehicle.idTag))
    for (const { plan, vehicle } of before.values())
      if (!kept.has(vehicle.idTag)) await this.#withdraw(plan.request.chargingRequestId, vehicle)
    return { missing, notDone }
  }

  /** What another depot system wants of the vehicle holds again. */
  async #withdraw(id: string, vehicle: VehicleConfig): Promise<void> {
    const withdrawn = { ...NO_WISH, id, vehicle: vehicle.idTag, withdraw: true }
    await this.#deps.orders.departure(FROM, withdrawn)
    for (const wanted of this.#wanted.values())
      for (const { plan, vehicle: other } of wanted.values())
        if (other.idTag === vehicle.idTag) await this.#want(plan.presystemId, plan.request)
  }

  planOf(stationId: string, connectorId: number): Plan | undefined {
    const tag = this.#deps.claims.tagAt(stationId, connectorId)
    if (tag === undefined) return undefined
    for (const wanted of this.#wanted.values())
      for (const { plan, vehicle } of wanted.values()) if (tagKey(vehicle.idTag) === tagKey(tag)) return plan
    return undefined
  }

  /** What cannot be promised is told, and taken as far as it goes; a text where nothing of it was taken. */
  async #want(presystemId: string, request: ChargingRequest): Promise<Wanted | string> {
    const vehicle = this.#vehicleOf(request.vehicleId)
    if (vehicle === undefined) return 'no such vehicle'
    const { requestedTimeForDeparture: departureAt } = request.chargingRequestData
    const energyWh = energyOf(request, vehicle)
    const priorityClass = classOf(request, this.#deps.config().vdv463?.priorityFirst)
    const order = {
      ...{ ...NO_WISH, id: request.chargingRequestId, vehicle: vehicle.idTag },
      ...(departureAt !== undefined && { departureAt }),
      ...(energyWh !== undefined && { energyWh }),
      ...(priorityClass !== undefined && { priorityClass }),
    }
    const { orders } = this.#deps
    const asked = await orders.departure(FROM, order)
    const about = { presystemId, request, vehicle, at: new Date(this.#deps.wallMs()).toISOString() }
    if (asked.kind === 'done') return wantedOf(about, asked.done.departure)
    const { error, expected, shortWh } = asked.why
    if (shortWh === undefined) return `${error}, expected ${expected}`
    const less = await orders.departure(FROM, { ...order, orLess: true })
    if (less.kind === 'refused') return less.why.error
    const missing = `${(shortWh / 1000).toFixed(1)} kWh are missing`
    return wantedOf(about, less.done.departure, `${error}: ${missing}; it is charged as far as that goes`)
  }

  #vehicleOf(vehicleId: string): VehicleConfig | undefined {
    const { vehicles } = this.#deps.config()
    return (
      vehicles.find(({ name }) => name === vehicleId) ??
      vehicles.find(({ idTag }) => tagKey(idTag) === tagKey(vehicleId))
    )
  }
}

interface About {
  readonly presystemId: string
  readonly request: ChargingRequest
  readonly vehicle: VehicleConfig
  /** ISO 8601. */
  readonly at: string
}

function wantedOf(
  { presystemId, request, vehicle, at }: About,
  departure: DepartureAnswer | undefined,
  fault?: string,
): Wanted {
  const soc = socOf(request, vehicle, departure)
  const text = notDoneOf(request, vehicle)
  const plan = {
    ...{ presystemId, request },
    ...(soc !== undefined && { departureSoc: soc }),
    ...(text !== undefined && { notDone: { text, at } }),
  }
  return { plan, vehicle, ...(fault !== undefined && { fault }) }
}

const isSame = (a: ChargingRequest, b: ChargingRequest): boolean => JSON.stringify(a) === JSON.stringify(b)
const FROM = { door: 'api', by: 'vdv463' } as const
/** Who has booted once may come again under other names. */
const MAX_SYSTEMS = 16
/** Longer before it leaves no vehicle is made ready. */
const MAX_PRECONDITIONING_H = 4
const NO_WISH = { orLess: false, withdraw: false, dryRun: false }

/** From the start of its session; undefined where the battery or its state at arrival is not known. */
function energyOf(request: ChargingRequest, vehicle: VehicleConfig): number | undefined {
  const { expectedSocAtArrival: arrivesAt, minTargetSoc } = request.chargingRequestData
  const { batteryWh } = vehicle
  if (batteryWh === undefined || arrivesAt === undefined) return undefined
  const batteryNeedsWh = Math.max(0, ((minTargetSoc - arrivesAt) / 100) * batteryWh)
  const wh = Math.ceil(batteryNeedsWh + (preconditioningWh(request, vehicle) ?? 0))
  return wh > 0 ? Math.min(wh, MAX_ENERGY_WH) : undefined
}

/** What heating, cooling and the vehicle's own systems take beside the battery; undefined where nobody has said how much that is. */
function preconditioningWh(request: ChargingRequest, vehicle: VehicleConfig): number | undefined {
  if (!asksPreconditioning(request)) return 0
  return toldWh(request) ?? vehicle.preconditioningWh
}

/** By the powers of a request, from their start until it leaves. Of an automatic one the schema has neither power nor energy. */
function toldWh({ chargingRequestData, manualPreconditioning: manual }: ChargingRequest): number | undefined {
  const { requestedTimeForDeparture: departureAt } = chargingRequestData
  const { hvacAuxiliaryConsumerPower: hvacKw, systemAuxiliaryConsumerPower: systemKw } = manual ?? {}
  if (manual === undefined || departureAt === undefined) return undefined
  if (hvacKw === undefined && systemKw === undefined) return undefined
  const hoursFrom = (start: string): number =>
    Math.min(MAX_PRECONDITIONING_H, Math.max(0, Date.parse(departureAt) - Date.parse(start)) / 3_600_000)
  const kwh =
    (hvacKw ?? 0) * hoursFrom(manual.hvacPreconditioningStartTime) +
    (systemKw ?? 0) * hoursFrom(manual.systemPreconditioningStartTime)
  return kwh * 1_000
}

/** Of the schema's words, those by which nothing is made warm or cold. */
const NO_CLIMATE = /^(NoClimat(ic|e)Preconditioning|SNA$)/

function asksPreconditioning({ automaticPreconditioning, manualPreconditioning }: ChargingRequest): boolean {
  if (manualPreconditioning !== undefined) return true
  return (
    automaticPreconditioning !== undefined &&
    !NO_CLIMATE.test(automaticPreconditioning.preconditioningRequest)
  )
}

/** Preconditioning is begun by the vehicle or its own interface, never through OCPP 1.6. */
function notDoneOf(request: ChargingRequest, vehicle: VehicleConfig): string | undefined {
  if (!asksPreconditioning(request)) return undefined
  return preconditioningWh(request, vehicle) === undefined
    ? 'preconditioning is not started from here, and nothing is kept for it: nobody says how much it takes; the rest is taken'
    : 'preconditioning is not started from here; what it takes is kept'
}

/** The schema has a number and no order; which end is first has to be said. */
function classOf({ priority }: ChargingRequest, first: 'lowest' | 'highest' | undefined): number | undefined {
  if (priority === undefined || first === undefined) return undefined
  const place = first === 'lowest' ? priority : PRIORITY_CLASSES + 1 - priority
  return Math.min(PRIORITY_CLASSES, Math.max(1, place))
}

function socOf(
  { chargingRequestData }: ChargingRequest,
  { batteryWh }: VehicleConfig,
  departure: DepartureAnswer | undefined,
): number | undefined {
  const { expectedSocAtArrival: arrivesAt } = chargingRequestData
  if (departure?.possibleWh === undefined || batteryWh === undefined || arrivesAt === undefined)
    return undefined
  return Math.min(100, Math.round((arrivesAt + (departure.possibleWh / batteryWh) * 100) * 10) / 10)
}
