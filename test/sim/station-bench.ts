/** One simulated station and a simulated CSMS in a world of their own, under virtual time. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { parseDocument } from '../../src/core/config/faults.js'
import { type StationModel, stationModelSchema } from '../../src/core/config/station-model.js'
import { type Car, type CarSpec, createCar } from '../../src/sim/car.js'
import { Csms, type CsmsOptions } from '../../src/sim/csms.js'
import type { WireOutcome } from '../../src/sim/framing.js'
import { createWorld, type World } from '../../src/sim/ports/world.js'
import type { Connector } from '../../src/sim/station/connector.js'
import { Station } from '../../src/sim/station/station.js'
import type { StationOptions } from '../../src/sim/station/station-options.js'

export const START_MS = Date.UTC(2026, 0, 14, 6)
export const S = 1000
export const MINUTE = 60 * S

export function model(id: string): StationModel {
  const text = readFileSync(new URL(`../../../devices/stations/${id}.json`, import.meta.url), 'utf8')
  const parsed = parseDocument(stationModelSchema, JSON.parse(text))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults))
  return parsed.value
}

export const WEMOB = model('weg-wemob')
export const WKT = model('ecs-wkt-ec13')
export const CURRENTS = 'Current.Import,Power.Active.Import,Energy.Active.Import.Register'

/** The official message schemas, as the ocpp-rpc package carries them: every frame of the simulation must fit. */
const ajv = new Ajv({ strict: false, multipleOfPrecision: 6 })
addFormats.default(ajv)
const messageSchemas: Record<string, unknown>[] = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve('ocpp-rpc/lib/schemas/ocpp1_6.json'), 'utf8'),
)
for (const { $id, ...schema } of messageSchemas) ajv.addSchema(schema, String($id).replace('urn:', ''))

/** Undefined when `payload` is a valid "Action.req" or "Action.conf". */
export function schemaFault(name: string, payload: unknown): string | undefined {
  const valid = ajv.getSchema(name)
  if (!valid) return `no schema ${name}`
  return valid(payload) ? undefined : `${name}: ${ajv.errorsText(valid.errors)} in ${JSON.stringify(payload)}`
}

export interface Bench {
  readonly world: World
  readonly csms: Csms
  readonly station: Station
  readonly connector: Connector
  call(action: string, payload: object): Promise<WireOutcome>
  /** Payloads of one action, in order. */
  payloads(action: string): readonly Record<string, unknown>[]
  statuses(connectorId: number): readonly string[]
}

export const benches: Csms[] = []

export async function bench(
  options: Partial<StationOptions> = {},
  csmsOptions: Partial<CsmsOptions> = {},
): Promise<Bench> {
  const world = createWorld({ seed: 7, startWallMs: START_MS })
  const csms = new Csms({ ports: world.portsFor('csms'), host: 'csms', port: 9100, ...csmsOptions })
  await world.until(csms.start())
  const station = new Station({
    ports: world.portsFor('CP-1'),
    id: 'CP-1',
    url: csms.url,
    model: WKT,
    connectors: [{ wiredPhases: 3, ratedA: 32 }],
    ...options,
  })
  station.start()
  await world.runFor(2 * S)
  benches.push(csms)
  const payloads = (action: string) => csms.calls({ action }).map(({ payload }) => record(payload))
  return {
    world,
    csms,
    station,
    connector: station.connectors[0]!,
    async call(action, payload) {
      const outcome = await world.until(csms.call('CP-1', action, payload))
      const fault = outcome.kind === 'result' ? schemaFault(`${action}.conf`, outcome.payload) : undefined
      if (fault !== undefined) throw new Error(fault)
      return outcome
    },
    payloads,
    statuses: connectorId =>
      payloads('StatusNotification')
        .filter(payload => payload.connectorId === connectorId)
        .map(payload => String(payload.status)),
  }
}

export function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}

export function records(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(record) : []
}

export function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined
}

export function car(spec: Partial<CarSpec> = {}): Car {
  return createCar({ phases: 3, maxA: 32, wantsWh: 60_000, reactionMs: 5 * S, ...spec })
}

export function iso(ms: number): string {
  return new Date(ms).toISOString()
}

export function statusOf(outcome: WireOutcome): unknown {
  return outcome.kind === 'result' ? record(outcome.payload).status : outcome
}

/** Plugs in, shows a tag and waits until the car draws. */
export async function charging(b: Bench, spec: Partial<CarSpec> = {}): Promise<Car> {
  const plugged = car(spec)
  b.connector.plugIn(plugged)
  b.connector.presentTag('TAG-1')
  await b.world.runFor(8 * S)
  return plugged
}
