/**
 * The steps of a wiring test: one connector is held at or below what it is offered anyway, for seconds, as by an order that
 * nobody has to lift and no disk keeps. Nobody else is raised meanwhile, and its station is asked for samples. A cap and
 * nothing else: whatever lowers for another reason lowers (control rules 1-5).
 */

import { newestAccepted, newestWrite } from '../allocation/booking.js'
import { isDrivenByCsms } from '../config/site.js'
import { cleared, ordered } from '../limits/book.js'
import { limitKey } from '../limits/limit.js'
import type { Driven } from '../measuring/wiring-drive.js'
import { callStation } from './call.js'
import { type ConnectorControl, freshReading, isVerified, pauseA } from './connector.js'
import { giveBack } from './give-back.js'
import type { Now } from './now.js'
import type { ControlState } from './state.js'
import type { StationControl } from './station.js'

const TEST = { source: 'test', id: 'wiring' } as const
const KEY = limitKey(TEST)
/** A test that nobody leads on, its meter or Busbar gone, ends by itself. */
const HELD_MS = 15_000
const ORDINARY_PRIORITY = 5
/** A sample tells of a step, and another that it is over. */
const SAMPLE_EVERY_MS = 3_000
/** One that was asked for and has not come is waited for: asked on, it would only queue at the station. */
const SAMPLE_COMES_MS = 30_000

export interface HeldOffer {
  readonly stationId: string
  readonly connectorId: number
  readonly limitA: number
  readonly by: string
}

/** In the place of what the test held before; false when the book of orders is full. */
export function holdOffer(
  state: ControlState,
  { stationId, connectorId, limitA, by }: HeldOffer,
  now: Now,
): boolean {
  const target = { kind: 'station', stationId, connectorId } as const
  const limit = {
    ...TEST,
    target,
    value: { unit: 'A', perPhase: limitA },
    priority: ORDINARY_PRIORITY,
    by,
  } as const
  const book = ordered(state.orders, limit, { durationMs: HELD_MS, now })
  if (book !== undefined) state.orders = book
  return book !== undefined
}

export function letGo(state: ControlState): void {
  state.orders = cleared(state.orders, KEY)
}

/** What a step has taken goes back at once, where it is still there for it (`give-back.ts`). Whether anything is written. */
export function giveBackTested(state: ControlState, highA: number, now: Now): boolean {
  const target = state.orders.get(KEY)?.target
  if (target?.kind !== 'station') return false
  const station = state.stations.get(target.stationId)
  const connector = station?.connectors.find(({ id }) => id === target.connectorId)
  if (station === undefined || connector === undefined) return false
  if (drivenOf(connector, station, now).acceptedMs === undefined) return false
  const { offerA } = connector
  if (isControlled(connector, station, now)) giveBack(state, connector, highA, now)
  return connector.offerA > offerA
}

export const isTesting = ({ orders }: ControlState): boolean => orders.has(KEY)

/** The connector as a test finds it now. */
export function drivenOf(connector: ConnectorControl, station: StationControl, now: Now): Driven {
  const { live, offerA, allocationA, model } = connector
  const reading = freshReading(connector, now.monoMs)
  const isTold = reading !== undefined && reading.best !== 'unknown'
  const accepted = newestAccepted(live)
  return {
    isConnected: station.connected,
    isControlled: isControlled(connector, station, now),
    ...{ offerA, allocationA, minA: model.smartCharging.minCurrentA, pauseA: pauseA(connector) },
    acceptedMs: newestWrite(live) === accepted ? accepted?.acceptedMs : undefined,
    drawnA: isTold ? Math.max(...reading.bestA) : undefined,
    toldMs: isTold ? reading.monoMs : undefined,
    isMeasured: reading?.best === 'measured',
    answerMs: station.answerMs,
  }
}

/** Its offer is Busbar's to say, and it follows as far as is known. */
function isControlled(connector: ConnectorControl, station: StationControl, now: Now): boolean {
  const { connected, withoutSmartCharging, planFault, release, config } = station
  const isOurs = !withoutSmartCharging && planFault === undefined && release === undefined
  const isRefused = (connector.refusedUntilMs ?? now.monoMs) > now.monoMs
  return connected && isOurs && !isDrivenByCsms(config) && isVerified(connector) && !isRefused
}

/** Another one is tested: what this one drew more would be taken for a step of that. */
export function waitsForTest(state: ControlState, { stationId, id }: ConnectorControl): boolean {
  const target = state.orders.get(KEY)?.target
  return target?.kind === 'station' && (target.stationId !== stationId || target.connectorId !== id)
}

/** The one that is tested is asked, where its station knows how to answer (TriggerMessage). */
export function askTested(state: ControlState, now: Now): void {
  const target = state.orders.get(KEY)?.target
  if (target?.kind !== 'station') return
  const station = state.stations.get(target.stationId)
  const connector = station?.connectors.find(({ id }) => id === target.connectorId)
  if (station === undefined || connector?.transaction === undefined) return
  if (!station.connected || station.withoutTrigger || station.setup !== undefined) return
  const { sampleAskedMs, reading } = connector
  const toldMs = reading?.monoMs ?? Number.NEGATIVE_INFINITY
  const hasCome = toldMs > sampleAskedMs || now.monoMs - sampleAskedMs > SAMPLE_COMES_MS
  if (!hasCome || now.monoMs - Math.max(sampleAskedMs, toldMs) < SAMPLE_EVERY_MS) return
  connector.sampleAskedMs = now.monoMs
  const payload = { requestedMessage: 'MeterValues', connectorId: connector.id }
  const open = { kind: 'ask', stationId: station.id } as const
  callStation(state, station, { open, action: 'TriggerMessage', payload, urgency: 'first' }, now)
}
