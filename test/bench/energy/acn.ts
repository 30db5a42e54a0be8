/**
 * The sessions of the energy benchmark and the site they are played on: a workplace in March 2019, 54 one-phase stations
 * on L1, L2 and L3 (what hangs between lines A and B there is on L1 here, B-C on L2, C-A on L3), two pods of eight
 * behind 80 A, 230 V, one limit per phase. Steps of five minutes.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CircuitConfig } from '../../../src/core/config/site.js'
import type { PhaseIndex } from '../../../src/core/site/phases.js'

export const STEP_MS = 300_000
export const VOLTS = 230
export const CAR_A = 6_600 / VOLTS
/** What the stations can give: the least whole amp that holds no car back. */
export const CONNECTOR_A = Math.ceil(CAR_A)
const POD_A = 80
const PODS = {
  'pod-1': [322, 493, 496, 320, 495, 321, 323, 494],
  'pod-2': [324, 325, 326, 327, 489, 490, 491, 492],
} as const
const ON_L1 = [308, 508, 303, 513, 310, 506, 316, 500, 318, 498, ...PODS['pod-1'], ...PODS['pod-2']]
const ON_L2 = [304, 512, 305, 511, 313, 503, 311, 505, 317, 499, 148, 149, 212, 213]

export interface AcnSession {
  readonly stationId: string
  /** 5-minute steps since the month began. */
  readonly arrival: number
  readonly departure: number
  readonly needWh: number
}

export interface AcnStation {
  readonly id: string
  readonly circuit: 'main' | keyof typeof PODS
  readonly phase: PhaseIndex
}

export const SESSIONS: readonly AcnSession[] = readFileSync(
  join(process.cwd(), 'test/vectors/acn/acn-caltech-2019-03-benchmark.csv'),
  'utf8',
)
  .trim()
  .split('\n')
  .slice(1)
  .map(line => {
    const [, stationId = '', arrival, departure, , energyKwh] = line.split(',')
    const needWh = Number(energyKwh) * 1000
    return { stationId, arrival: Number(arrival), departure: Number(departure), needWh }
  })

export const STATIONS: readonly AcnStation[] = [...new Set(SESSIONS.map(({ stationId }) => stationId))]
  .sort()
  .map(id => {
    const number = Number(id.slice('CA-'.length))
    const isIn = (numbers: readonly number[]) => numbers.includes(number)
    const circuit = isIn(PODS['pod-1']) ? 'pod-1' : isIn(PODS['pod-2']) ? 'pod-2' : 'main'
    return { id, circuit, phase: isIn(ON_L1) ? 0 : isIn(ON_L2) ? 1 : 2 }
  })

/** Of sessions from `fromStep` on, Wh. */
export const wantedWh = (sessions: readonly AcnSession[]): number =>
  sessions.reduce((sum, { needWh }) => sum + needWh, 0)

/** Sessions that begin and end within the days. */
export function sessionsOf(days: { readonly from: number; readonly to: number }): readonly AcnSession[] {
  const [from, to] = [days.from * 288, days.to * 288]
  return SESSIONS.filter(({ arrival, departure }) => arrival >= from && departure <= to)
}

export const limitA = (capacityKw: number): number => (capacityKw * 1000) / 3 / VOLTS

export function circuits(capacityKw: number): CircuitConfig[] {
  const pod = (id: string): CircuitConfig => ({
    id,
    parent: 'main',
    ratedCurrentA: POD_A,
    marginA: 0,
    worstCaseOtherLoadA: 0,
  })
  const main = { id: 'main', ratedCurrentA: limitA(capacityKw), marginA: 0, worstCaseOtherLoadA: 0 }
  return [main, pod('pod-1'), pod('pod-2')]
}
