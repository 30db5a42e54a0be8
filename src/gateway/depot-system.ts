/**
 * Depot systems by VDV 463 at work: each list of charging requests becomes departures of vehicles, what is in no list any more is withdrawn, and
 * the plan is told back. Requests are by percent of a battery; without `batteryWh` or the percent at arrival only the departure is known.
 */
import type { SiteConfig, VehicleConfig } from '../core/config/site.js'
import { tagKey } from '../core/control/claim.js'
import type { DepartureAnswer, OrderDesk } from '../core/control/order-desk.js'
import type { SiteView } from '../core/view/document.js'
import type { Ports, Stoppable } from '../ports.js'
import type { Plan } from '../vdv463/information.js'
import type { ChargingRequest } from '../vdv463/messages.js'
import { startDepotSystemServer } from '../vdv463/server.js'
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
  const wishes = new DepotWishes(deps)
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

export class DepotWishes {
  readonly #deps: Pick<DepotSystemDeps, 'orders' | 'claims' | 'config'>
  /** By depot system and id of the request. */
  readonly #wanted = new Map<string, ReadonlyMap<string, Wanted>>()

  constructor(deps: Pick<DepotSystemDeps, 'orders' | 'claims' | 'config'>) {
    this.#deps = deps
  }

  /** Gives what is not possible or not known, a line each; the rest is taken. */
  async take(presystemId: string, requests: readonly ChargingRequest[]): Promise<readonly string[]> {
    const before = this.#wanted.get(presystemId) ?? new Map<string, Wanted>()
    const now = new Map<string, Wanted>()
    const missing: string[] = []
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
    }
    const kept = new Set([...now.values()].map(({ vehicle }) => vehicle.idTag))
    for (const { plan, vehicle } of before.values())
      if (!kept.has(vehicle.idTag))
        await this.#deps.orders.departure(FROM, {
          ...{ ...NO_WISH, id: plan.request.chargingRequestId, vehicle: vehicle.idTag, withdraw: true },
        })
    this.#wanted.set(presystemId, now)
    return missing
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
    const order = {
      ...{ ...NO_WISH, id: request.chargingRequestId, vehicle: vehicle.idTag },
      ...(departureAt !== undefined && { departureAt }),
      ...(energyWh !== undefined && { energyWh }),
    }
    const { orders } = this.#deps
    const asked = await orders.departure(FROM, order)
    const about = { presystemId, request, vehicle }
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
}

function wantedOf(
  { presystemId, request, vehicle }: About,
  departure: DepartureAnswer | undefined,
  fault?: string,
): Wanted {
  const soc = socOf(request, vehicle, departure)
  const plan = { presystemId, request, ...(soc !== undefined && { departureSoc: soc }) }
  return { plan, vehicle, ...(fault !== undefined && { fault }) }
}

const isSame = (a: ChargingRequest, b: ChargingRequest): boolean => JSON.stringify(a) === JSON.stringify(b)
const FROM = { door: 'api', by: 'vdv463' } as const
const NO_WISH = { orLess: false, withdraw: false, dryRun: false }

/** From the start of its session; undefined where the battery or its state at arrival is not known. */
function energyOf(
  { chargingRequestData }: ChargingRequest,
  { batteryWh }: VehicleConfig,
): number | undefined {
  const { expectedSocAtArrival: arrivesAt, minTargetSoc } = chargingRequestData
  if (batteryWh === undefined || arrivesAt === undefined) return undefined
  const wh = Math.ceil(((minTargetSoc - arrivesAt) / 100) * batteryWh)
  return wh > 0 ? wh : undefined
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
