/**
 * The site as Modbus registers, for building controllers and PLCs: a SunSpec-like list from 40000 on, of which each part
 * says what it is and how long. What is not known has the marker of its type and is never 0. Pure; the table is in the
 * README.
 */
import type { PerPhase } from '../core/site/phases.js'
import type { CircuitView, MeterView, SiteView } from '../core/view/document.js'
import { SUNSPEC_END, SUNSPEC_MARKER } from './sunspec.js'

export const SITE_MAP_BASE = 40_000
/** The list ends below this; circuits and meters that do not fit are left out. */
const LAST = 65_500
const COMMON = 1
/** Of the range for vendors. */
const SITE_MODEL = 64_901
const CIRCUIT_MODEL = 64_902
const METER_MODEL = 64_903
const LIMIT_MODEL = 64_904
const NAME_WORDS = 16
const QUALITY = { absent: 0, stale: 1, fresh: 2 } as const
const UNKNOWN_INT32 = 0x8000_0000
const UNKNOWN_UINT16 = 0xffff

/** The order that came through the server itself. */
export interface LimitPart {
  /** Of an amp per phase; FFFF = none in force. */
  readonly tenths: number
  readonly leftS: number
}

/** Where the limit is written: behind marker, common model and site, always there where it is served at all. */
export const LIMIT_ADDRESS = SITE_MAP_BASE + 2 + 2 + 66 + 2 + 8 + 2

/** Words from `SITE_MAP_BASE` on. */
export function siteRegisters(view: SiteView, limit?: LimitPart): Uint16Array {
  const words: number[] = [...SUNSPEC_MARKER]
  put(words, COMMON, [
    ...text('Busbar', NAME_WORDS),
    ...text('Local Controller', NAME_WORDS),
    ...text('', 8),
    ...text('1', 8),
    ...text(view.siteId, NAME_WORDS),
    1,
    0x8000,
  ])
  const sessions = view.stations
    .flatMap(({ connectors }) => connectors)
    .filter(it => it.transaction !== undefined)
  put(words, SITE_MODEL, [
    view.mode === 'normal' ? 0 : 1,
    view.alarms.length,
    view.meters.filter(({ quality }) => quality === 'fresh').length,
    view.meters.length,
    view.stations.filter(({ connected }) => connected).length,
    view.stations.length,
    sessions.length,
    view.limits.length,
  ])
  if (limit !== undefined) put(words, LIMIT_MODEL, [limit.tenths, limit.leftS])
  for (const circuit of view.circuits) putWhole(words, CIRCUIT_MODEL, circuitWords(circuit, view))
  for (const meter of view.meters) putWhole(words, METER_MODEL, meterWords(meter))
  words.push(SUNSPEC_END, 0)
  return Uint16Array.from(words)
}

function circuitWords(circuit: CircuitView, view: SiteView): readonly number[] {
  const { id, ratedCurrentA, limitA, measuredA, otherLoadA, bookedA, headroomA } = circuit
  return [
    ...text(id, NAME_WORDS),
    ...amps(ratedCurrentA),
    ...amps(limitA),
    ...three(measuredA),
    ...three(otherLoadA),
    ...three(bookedA),
    ...three(headroomA),
    view.alarms.filter(({ about }) => about === id).length,
    circuit.otherLoadSource === 'measured' ? 1 : 0,
  ]
}

function meterWords({
  id,
  quality,
  currentA,
  voltageV,
  totalPowerW,
  importWh,
}: MeterView): readonly number[] {
  const volts = (value: number | undefined) => (value === undefined ? UNKNOWN_UINT16 : Math.round(value * 10))
  return [
    ...text(id, NAME_WORDS),
    QUALITY[quality],
    ...three(currentA),
    ...[0, 1, 2].map(phase => volts(voltageV?.[phase])),
    ...int32(totalPowerW),
    // Wh outgrow 32 bits at 4 GWh.
    ...(importWh === undefined ? [0xffff, 0xffff, 0xffff, 0xffff] : uint64(importWh)),
  ]
}

function putWhole(words: number[], model: number, body: readonly number[]): void {
  if (SITE_MAP_BASE + words.length + body.length + 4 < LAST) put(words, model, body)
}

function put(words: number[], model: number, body: readonly number[]): void {
  words.push(model, body.length, ...body)
}

/** Two characters a register, zeros behind. */
function text(value: string, count: number): number[] {
  const bytes = new TextEncoder().encode(value).slice(0, count * 2)
  return Array.from({ length: count }, (_, at) => ((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0))
}

function three(values: PerPhase | undefined): number[] {
  return [0, 1, 2].flatMap(phase => amps(values?.[phase]))
}

/** In hundredths. */
function amps(value: number | undefined): number[] {
  return int32(value === undefined ? undefined : value * 100)
}

function int32(value: number | undefined): number[] {
  const raw = value === undefined || !Number.isFinite(value) ? UNKNOWN_INT32 : Math.round(value)
  return [(raw >>> 16) & 0xffff, raw & 0xffff]
}

function uint64(value: number): number[] {
  const raw = BigInt(Math.max(0, Math.round(value)))
  return [48n, 32n, 16n, 0n].map(shift => Number((raw >> shift) & 0xffffn))
}
