/**
 * Phases that a car leaves and its station says nothing of, freed by what the meter shows (control rules 14, 16): its own steps
 * up and down came on some phases alone, every circuit above has a meter that is believed and proven on all phases, and a car
 * that takes a phase back is seen by the next poll. Any sign that speaks otherwise books all phases again at once; what
 * really flows is in the other load of the circuit anyway.
 */
import { newestAccepted } from '../allocation/booking.js'
import { forgotten, isShown } from '../measuring/car-seen.js'
import { judgementOf } from '../measuring/meter-judge.js'
import { isSudden, isWatched, type Shown, withShown } from '../measuring/sudden-load.js'
import type { WiringWatch } from '../measuring/wiring-seen.js'
import { add, PHASE_INDEXES, type PhaseSet, subtract, ZERO } from '../site/phases.js'
import { type ConnectorControl, METER_MS } from './connector.js'
import { countedReading } from './evidence.js'
import type { ControlState } from './state.js'

/** A car that takes less has stopped: it may come back on other phases. */
const LEAST_OFFER_A = 6
const NOTHING_A = 1

/** What one meter shows, and above all that is booked below it, were nothing freed. */
export function watchSudden(state: ControlState, meterId: string, node: number, nowMs: number): void {
  const shown = shownNow(state, meterId, node)
  if (shown !== undefined)
    state.unexplained.set(meterId, withShown(state.unexplained.get(meterId), shown, nowMs))
}

function shownNow(
  { meters, bookedA, freedA }: ControlState,
  meterId: string,
  node: number,
): Shown | undefined {
  const meterA = meters.get(meterId)?.lastGood?.currentA
  if (meterA === undefined) return undefined
  return { meterA, aboveA: subtract(meterA, add(bookedA[node] ?? ZERO, freedA[node] ?? ZERO)) }
}

/** One reading of the nearest meter: what is freed until the next, and what is still believed of its car. */
export function freePhases(
  state: ControlState,
  connector: ConnectorControl,
  watch: WiringWatch,
  at: {
    readonly meterId: string
    readonly node: number
    readonly isWatched: boolean
    readonly nowMs: number
  },
): WiringWatch {
  connector.seenOn = undefined
  if (watch.car === undefined) return watch
  const { car, ...rest } = watch
  const kept = believed(state, connector, car, at)
  if (kept !== undefined && at.isWatched && isShown(kept) && maySay(state, connector, at.nowMs))
    connector.seenOn = { phases: kept.phases, atMs: at.nowMs }
  return kept === undefined ? rest : { ...rest, car: kept }
}

type Car = NonNullable<WiringWatch['car']>

/** As far as nothing speaks against it. */
function believed(
  state: ControlState,
  connector: ConnectorControl,
  car: Car,
  at: { readonly meterId: string; readonly node: number; readonly nowMs: number },
): Car | undefined {
  const { transaction, reading, wired, carPhases } = connector
  if (transaction === undefined || transaction.id !== car.transactionId) return undefined
  if (car.isContradicted) return car
  const left = leftOf(wired, car.phases)
  const isUsed = PHASE_INDEXES.some(
    phase => left[phase] && (reading?.used[phase] === true || (reading?.placedA[phase] ?? 0) > 0),
  )
  const count = PHASE_INDEXES.filter(phase => car.phases[phase]).length
  if (isUsed || (carPhases?.count !== undefined && carPhases.count !== count))
    return { ...car, isContradicted: true }
  if (!isCharging(state, connector)) return forgotten(car)
  const shown = shownNow(state, at.meterId, at.node)
  const seen = state.unexplained.get(at.meterId)
  if (shown === undefined || seen === undefined) return car
  return isSudden(seen, shown, left) === true ? forgotten(car) : car
}

function isCharging({ stations }: ControlState, connector: ConnectorControl): boolean {
  const { reading, offerA, live, stationId } = connector
  if (stations.get(stationId)?.connected !== true) return false
  const acceptedA = newestAccepted(live)?.offerA ?? 0
  if (Math.min(offerA, acceptedA) < LEAST_OFFER_A) return false
  const drawnA = reading === undefined || reading.best === 'unknown' ? undefined : reading.bestA
  return drawnA === undefined || drawnA[0] + drawnA[1] + drawnA[2] >= NOTHING_A
}

/** Whether what the meters and the station show is enough to go by it now. */
function maySay(state: ControlState, connector: ConnectorControl, nowMs: number): boolean {
  const station = state.stations.get(connector.stationId)
  if (station === undefined || station.release !== undefined) return false
  if (connector.disobeys || connector.exceeds || countedReading(connector, nowMs) === undefined) return false
  return state.tree.pathOf(connector.node).every(node => {
    const meterId = state.tree.nodes[node]?.circuit.meter
    return meterId === undefined || isSure(state, meterId, nowMs)
  })
}

/** A meter that is read, believed, proven on all phases, and watched for long enough to show what is sudden. */
function isSure(state: ControlState, meterId: string, nowMs: number): boolean {
  const meter = state.meters.get(meterId)
  const seen = state.unexplained.get(meterId)
  if (meter?.lastGood === undefined || seen === undefined) return false
  if (nowMs - meter.lastGood.monoMs > METER_MS || meter.fault !== undefined) return false
  const { verdict, doubt, worstCase } = judgementOf(meter.judge, nowMs)
  if (verdict !== undefined || doubt !== undefined || worstCase.some(Boolean)) return false
  return meter.judge.proof.proven.every(Boolean) && isWatched(seen)
}

const leftOf = (wired: PhaseSet, on: PhaseSet): PhaseSet => [
  wired[0] && !on[0],
  wired[1] && !on[1],
  wired[2] && !on[2],
]
