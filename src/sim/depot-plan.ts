/**
 * The electrical plan of the simulated depot: which station stands where, on which feeder, wired how, and the
 * configuration document that tells Busbar so. Pure. The ratings grow with the number of stations such that the
 * fail-safe always fits and the limit binds when all cars charge.
 */
import { parseDocument } from '../core/config/faults.js'
import { type SiteConfig, siteConfigSchema } from '../core/config/site.js'
import type { PerPhase } from '../core/site/phases.js'

/** How the station's own L1, L2, L3 lie on the site's: rotated from bay to bay, as installers balance a depot. */
export type Rotation = 'RST' | 'STR' | 'TRS'

export interface PlannedStation {
  readonly id: string
  /** Device file. */
  readonly device: 'weg-wemob' | 'ecs-wkt-ec13'
  readonly circuit: string
  readonly rotation: Rotation
  readonly maxCurrentA: number
}

export interface DepotPlan {
  readonly mainRatedA: number
  readonly feederRatedA: number
  readonly worstCaseOtherLoadA: number
  readonly feeders: readonly string[]
  readonly stations: readonly PlannedStation[]
}

/** What only the one who starts everything knows. Absent ones are left out of the document. */
export interface SiteAddresses {
  readonly ocppHost?: string
  readonly ocppPort?: number
  readonly csmsUrl?: string
  readonly mqttUrl?: string
  readonly webHost?: string
  readonly webPort?: number
  /** Absent = no meter: control by worst case. */
  readonly meter?: { readonly device: string; readonly host: string; readonly port: number }
  /** Of the first feeder, behind an RTU gateway. */
  readonly feederMeter?: {
    readonly device: string
    readonly host: string
    readonly port: number
    readonly unitId: number
  }
}

/** The feeder that has a meter of its own where there is one. */
export const METERED_FEEDER = 'feeder-1'
/** A serial line behind a box is not asked each second. */
const FEEDER_POLL_MS = 2_000
const FEEDERS = ['feeder-1', 'feeder-2', 'feeder-3'] as const
const ROTATIONS: readonly Rotation[] = ['RST', 'STR', 'TRS']
const FAIL_SAFE_A = 6
/** Its broker is on this machine alone. */
const ALL_ORDERS = { limits: true, enabling: true, departures: true }
const MAX_CURRENT_A = 32
/** For 12 stations: 12 x 6 A + 60 A stays far under 160 A, and 12 cars want up to 384 A. */
const FOR_12 = { mainA: 160, feederA: 63, otherA: 60 } as const

/** The plan for `count` stations (>= 1), the two seed models in turn. */
export function planDepot(count: number): DepotPlan {
  const scale = Math.max(0.25, count / 12)
  return {
    mainRatedA: Math.ceil(FOR_12.mainA * scale),
    feederRatedA: Math.ceil(FOR_12.feederA * scale),
    worstCaseOtherLoadA: Math.floor(FOR_12.otherA * scale),
    feeders: FEEDERS,
    stations: Array.from({ length: count }, (_, index) => ({
      id: `CP-${String(index + 1).padStart(2, '0')}`,
      device: index % 2 === 0 ? ('weg-wemob' as const) : ('ecs-wkt-ec13' as const),
      circuit: FEEDERS[index % FEEDERS.length] ?? 'feeder-1',
      rotation: ROTATIONS[Math.floor(index / FEEDERS.length) % ROTATIONS.length] ?? 'RST',
      maxCurrentA: MAX_CURRENT_A,
    })),
  }
}

/** The configuration document of the plan. Throws when it does not fit the schema: then this file is wrong. */
export function siteConfig(plan: DepotPlan, addresses: SiteAddresses): SiteConfig {
  const { meter, feederMeter, csmsUrl, mqttUrl } = addresses
  const parsed = parseDocument(siteConfigSchema, {
    version: 1,
    site: { id: 'demo-depot', timeZone: 'Europe/Berlin', nominalVoltageV: 230, profile: 'workplace' },
    circuits: [
      {
        id: 'main',
        ratedCurrentA: plan.mainRatedA,
        worstCaseOtherLoadA: plan.worstCaseOtherLoadA,
        ...(meter ? { meter: 'main' } : {}),
      },
      ...plan.feeders.map(id => ({
        id,
        parent: 'main',
        ratedCurrentA: plan.feederRatedA,
        worstCaseOtherLoadA: 0,
        ...(feederMeter !== undefined && id === METERED_FEEDER && { meter: id }),
      })),
    ],
    meters: [
      ...(meter === undefined
        ? []
        : [
            {
              id: 'main',
              device: meter.device,
              connection: { kind: 'tcp', host: meter.host, port: meter.port },
            },
          ]),
      ...(feederMeter === undefined
        ? []
        : [
            {
              id: METERED_FEEDER,
              device: feederMeter.device,
              unitId: feederMeter.unitId,
              pollMs: FEEDER_POLL_MS,
              connection: { kind: 'rtu-over-tcp', host: feederMeter.host, port: feederMeter.port },
            },
          ]),
    ],
    ocpp: given({ host: addresses.ocppHost, port: addresses.ocppPort }),
    stations: plan.stations.map(station => ({
      id: station.id,
      device: station.device,
      circuit: station.circuit,
      connectors: [
        {
          id: 1,
          phases: 'L1L2L3',
          phaseRotation: station.rotation,
          maxCurrentA: station.maxCurrentA,
          failSafeCurrentA: FAIL_SAFE_A,
        },
      ],
    })),
    web: given({ host: addresses.webHost, port: addresses.webPort }),
    ...(csmsUrl === undefined ? {} : { csms: { url: csmsUrl } }),
    ...(mqttUrl === undefined
      ? {}
      : { mqtt: { url: mqttUrl, prefix: 'busbar/demo-depot', commands: ALL_ORDERS } }),
  })
  if (parsed.ok) return parsed.value
  throw new Error(
    parsed.faults.map(({ path, found, expected }) => `${path}: ${found}, not ${expected}`).join('; '),
  )
}

/** Amps of a station's own L1, L2, L3 as they flow on site L1, L2, L3. Kept apart from core/site/phases.ts: it judges it. */
export function onSitePhases(ownA: PerPhase, rotation: Rotation): PerPhase {
  const at = (letter: 'R' | 'S' | 'T') => ownA[rotation.indexOf(letter)] ?? 0
  return [at('R'), at('S'), at('T')]
}

function given(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
