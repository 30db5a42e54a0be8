/**
 * The depots the explorer plays in: one fuse or two, a site meter or none, two or three stations. Small on purpose, so
 * that every amp is contested, and with an impatient site profile, so that there is a decision at every moment.
 */
import { type SiteConfig, siteConfigSchema } from '../../src/core/config/site.js'
import { type SiteProfile, siteProfileSchema } from '../../src/core/config/site-profile.js'
import { type StationModel, stationModelSchema } from '../../src/core/config/station-model.js'

export const MAX_A = 32
export const FAIL_SAFE_A = 6
export const METER_ID = 'grid'

interface CircuitPlan {
  readonly id: string
  readonly parent?: string
  readonly ratedCurrentA: number
  readonly marginA: number
  readonly worstCaseOtherLoadA: number
  readonly meter?: string
}

export interface Depot {
  readonly name: string
  readonly about: string
  readonly circuits: readonly CircuitPlan[]
  readonly stations: readonly { readonly id: string; readonly circuit: string; readonly connectors: number }[]
  readonly model: StationModel
  readonly leaseS: number
  /** What the first circuit's fuse may be replaced by. */
  readonly smallerA?: number
  /** One station at its maximum beside all fail-safes and the worst other load is within the fuse. */
  readonly carriesDriven: boolean
  /** Other load on the first circuit, A on each phase; more than one value only where a meter sees it. */
  readonly baseA: readonly [number, ...number[]]
  readonly config: SiteConfig
  readonly profile: SiteProfile
}

const IMPATIENT = siteProfileSchema.parse({
  id: 'workplace',
  title: 'raises as soon as there is room, turns of a minute',
  raiseAfterMs: 1_000,
  raiseStepA: 32,
  raiseEveryMs: 1_000,
  deadBandA: 1,
  reclaim: { belowOfferA: 1, afterMs: 20_000, keepA: 2, probeStepA: 4, probeEveryMs: 60_000 },
  minOnMs: 0,
  minOffMs: 0,
  quantumMs: 60_000,
  maxLeaseS: 300,
})

function model(id: string, smartCharging: object): StationModel {
  return stationModelSchema.parse({
    id,
    vendor: 'v',
    models: [],
    sources: [],
    smartCharging: {
      rateUnits: ['A'],
      maxStackLevel: 1,
      maxPeriods: 10,
      maxProfiles: 30,
      holdsZero: true,
      obeysUnseen: true,
      ...smartCharging,
    },
    configuration: [],
  })
}

/** Known to hold 0 A and to obey; the explorer's stations do both. */
const PROVEN = model('proven', {})
/** Nothing is known of it: paused at its fail-safe, a lower counts when a sample shows it. */
const GENERIC = model('generic', {
  maxStackLevel: 2,
  maxPeriods: 3,
  maxProfiles: 4,
  holdsZero: false,
  obeysUnseen: false,
})
const ONE_LEVEL = model('one-level', { maxStackLevel: 0, maxProfiles: 2 })

const TWO = [
  { id: 'CP-1', circuit: 'main', connectors: 1 },
  { id: 'CP-2', circuit: 'main', connectors: 1 },
]
const FUSE = { id: 'main', ratedCurrentA: 40, marginA: 2, worstCaseOtherLoadA: 10 }

export const DEPOTS: ReadonlyMap<string, Depot> = new Map(
  [
    depot({
      name: 'feeder',
      about: 'a 40 A fuse without a meter, 10 A of other load, two stations known to obey',
      circuits: [FUSE],
      smallerA: 30,
      stations: TWO,
      model: PROVEN,
    }),
    depot({
      name: 'generic',
      about: 'the same with stations nobody knows anything of',
      circuits: [FUSE],
      smallerA: 30,
      stations: TWO,
      model: GENERIC,
    }),
    depot({
      name: 'one-level',
      about: 'the same with stations that hold one profile level',
      circuits: [FUSE],
      smallerA: 30,
      stations: TWO,
      model: ONE_LEVEL,
    }),
    depot({
      name: 'metered',
      about: 'a 40 A fuse with a site meter, 0 to 20 A of other load, two stations known to obey',
      circuits: [{ ...FUSE, worstCaseOtherLoadA: 20, meter: METER_ID }],
      smallerA: 34,
      stations: TWO,
      model: PROVEN,
      baseA: [10, 0, 20],
    }),
    depot({
      name: 'two-fuses',
      about:
        'a metered 50 A main, below it a 34 A feeder with two stations; a third, with two connectors, on the main',
      circuits: [
        { id: 'main', ratedCurrentA: 50, marginA: 2, worstCaseOtherLoadA: 16, meter: METER_ID },
        { id: 'feeder', parent: 'main', ratedCurrentA: 34, marginA: 2, worstCaseOtherLoadA: 0 },
      ],
      smallerA: 44,
      stations: [
        { id: 'CP-1', circuit: 'feeder', connectors: 1 },
        { id: 'CP-2', circuit: 'feeder', connectors: 1 },
        { id: 'CP-3', circuit: 'main', connectors: 2 },
      ],
      model: PROVEN,
      baseA: [8, 0, 16],
    }),
    depot({
      name: 'long-lease',
      about: 'as metered, with the default lease of 300 s where that stays inside the protection curve',
      circuits: [{ ...FUSE, worstCaseOtherLoadA: 20, meter: METER_ID }],
      stations: TWO,
      model: PROVEN,
      baseA: [10, 0, 20],
      leaseS: 300,
    }),
    depot({
      name: 'roomy',
      about:
        'a metered 62 A fuse that carries a released station at 32 A beside the other at 6 A, 0 to 20 A of other load',
      circuits: [{ ...FUSE, ratedCurrentA: 62, worstCaseOtherLoadA: 20, meter: METER_ID }],
      smallerA: 50,
      stations: TWO,
      model: PROVEN,
      baseA: [10, 0, 20],
      leaseS: 60,
    }),
    depot({
      name: 'driven',
      about:
        'a metered 62 A fuse that carries a station its CSMS drives at 32 A, 0 to 20 A of other load, lease 300 s',
      circuits: [{ ...FUSE, ratedCurrentA: 62, worstCaseOtherLoadA: 20, meter: METER_ID }],
      stations: TWO,
      model: PROVEN,
      baseA: [10, 0, 20],
      leaseS: 300,
      carriesDriven: true,
    }),
  ].map(plan => [plan.name, plan]),
)

function depot(plan: {
  name: string
  about: string
  circuits: readonly CircuitPlan[]
  stations: Depot['stations']
  model: StationModel
  baseA?: readonly [number, ...number[]]
  leaseS?: number
  carriesDriven?: boolean
  smallerA?: number
}): Depot {
  const worstA = plan.circuits[0]?.worstCaseOtherLoadA ?? 0
  return {
    leaseS: 60,
    carriesDriven: false,
    ...plan,
    baseA: plan.baseA ?? [worstA],
    config: configOf(plan),
    profile: IMPATIENT,
  }
}

/** `floorA`: the fail-safe of a station. */
export function configOf(
  { circuits, stations, model }: Pick<Depot, 'circuits' | 'stations' | 'model'>,
  floorA: (stationId: string) => number = () => FAIL_SAFE_A,
): SiteConfig {
  const metered = circuits.some(circuit => circuit.meter !== undefined)
  return siteConfigSchema.parse({
    version: 1,
    site: { id: 'explored', timeZone: 'UTC' },
    circuits,
    meters: metered ? [{ id: METER_ID, device: 'x', connection: { kind: 'tcp', host: 'h' } }] : [],
    stations: stations.map(({ id, circuit, connectors }) => ({
      id,
      device: model.id,
      circuit,
      connectors: Array.from({ length: connectors }, (_, index) => ({
        id: index + 1,
        phases: 'L1L2L3',
        phaseRotation: 'RST',
        maxCurrentA: MAX_A,
        failSafeCurrentA: floorA(id),
      })),
    })),
  })
}

export function depotOf(name: string): Depot {
  const found = DEPOTS.get(name)
  if (found === undefined) throw new Error(`no depot "${name}"`)
  return found
}
