/**
 * Lays Busbar's profiles on a station that has connected and reads them back (control rule 7). One CALL at a time, in
 * the order of `setupSteps`; a step nobody answered is tried again, a read-back that disagrees starts over.
 */
import { worstOfChain } from '../allocation/booking.js'
import type { CallOutcome } from '../answer.js'
import { readBack } from '../schedule/read-back.js'
import { type ConnectorControl, recordOf } from './connector.js'
import { type ControlState, connectorOf, type Now, nextTag, note } from './state.js'
import { SETUP_RETRY_MS, type SetupStep, type StationControl, setupSteps } from './station.js'
import {
  isUnsupported,
  REFUSED_RETRY_MS,
  statusOf,
  wattsAs,
  writeFailSafe,
  writeIdle,
  writeLive,
} from './write.js'

/** Read-back and written limit may differ by a station's rounding. */
const READ_BACK_TOLERANCE_A = 0.15
const READ_BACK_S = 60

/** Starts from the first step after `delayMs`; what an earlier laying still has out no longer moves it. */
export function startSetup(
  state: ControlState,
  station: StationControl,
  at: { readonly now: Now; readonly delayMs: number },
): void {
  for (const [tag, call] of state.openCalls) {
    if (call.stationId !== station.id) continue
    if (call.kind === 'setup') state.openCalls.delete(tag)
    else state.openCalls.set(tag, { ...call, setup: false })
  }
  station.setup = {
    steps: setupSteps(station),
    at: 0,
    waiting: false,
    notBeforeMs: at.now.monoMs + at.delayMs,
  }
  runSetup(state, station, at.now)
}

/** Sends the next step when nothing is out and its time has come. */
export function runSetup(state: ControlState, station: StationControl, now: Now): void {
  let { setup } = station
  while (setup !== undefined && !setup.waiting && now.monoMs >= setup.notBeforeMs && station.connected) {
    const step = setup.steps[setup.at]
    if (step === undefined) {
      station.setup = undefined
      return
    }
    const out = sendStep(state, station, step, now)
    setup = { ...setup, at: out ? setup.at : setup.at + 1, waiting: out }
    station.setup = setup
  }
}

/** False when the step had nothing to send. */
function sendStep(state: ControlState, station: StationControl, step: SetupStep, now: Now): boolean {
  if (step.kind === 'clear') {
    callStation(state, station, { action: 'ClearChargingProfile', payload: step.payload })
    return true
  }
  const connector = connectorOf(state, station.id, step.connectorId)
  switch (step.kind) {
    case 'fail-safe':
      if (connector === undefined) return false
      writeFailSafe(state, station, connector, now)
      return true
    case 'idle':
      if (connector === undefined) return false
      writeIdle(state, station, connector, { now, setup: true })
      return true
    case 'live':
      if (connector?.transaction === undefined) return false
      writeLive(state, station, connector, { offerA: connector.offerA, now, setup: true })
      return true
    case 'verify':
      callStation(state, station, {
        action: 'GetCompositeSchedule',
        payload: {
          connectorId: step.connectorId,
          duration: READ_BACK_S,
          chargingRateUnit: station.model.smartCharging.rateUnits.includes('A') ? 'A' : 'W',
        },
      })
      return true
  }
}

function callStation(
  state: ControlState,
  station: StationControl,
  call: { readonly action: 'ClearChargingProfile' | 'GetCompositeSchedule'; readonly payload: object },
): void {
  const tag = nextTag(state)
  state.openCalls.set(tag, { kind: 'setup', stationId: station.id })
  state.effects.push({ kind: 'call', tag, stationId: station.id, urgency: 'normal', ...call })
}

/** The CALL of the current step has ended. */
export function setupAnswered(state: ControlState, stationId: string, outcome: CallOutcome, now: Now): void {
  const station = state.stations.get(stationId)
  const setup = station?.setup
  const step = setup?.steps[setup.at]
  if (station === undefined || setup === undefined || step === undefined || !setup.waiting) return
  if (outcome.kind === 'timeout' || outcome.kind === 'closed') {
    station.setup = { ...setup, waiting: false, notBeforeMs: now.monoMs + SETUP_RETRY_MS }
    return
  }
  if (!settleStep(state, station, step, outcome, now)) {
    station.setup = { steps: setup.steps, at: 0, waiting: false, notBeforeMs: now.monoMs + REFUSED_RETRY_MS }
    return
  }
  station.setup = { ...setup, at: setup.at + 1, waiting: false }
  runSetup(state, station, now)
}

/** False when the laying must start over. */
function settleStep(
  state: ControlState,
  station: StationControl,
  step: SetupStep,
  outcome: CallOutcome,
  now: Now,
): boolean {
  if (step.kind === 'clear') return true
  const connector = connectorOf(state, station.id, step.connectorId)
  if (connector === undefined) return true
  if (step.kind === 'fail-safe') return failSafeAnswered(state, station, connector, outcome)
  if (step.kind === 'verify') return verifyAnswered(state, connector, outcome, now)
  return statusOf(outcome) === 'Accepted'
}

function failSafeAnswered(
  state: ControlState,
  station: StationControl,
  connector: ConnectorControl,
  outcome: CallOutcome,
): boolean {
  const accepted = statusOf(outcome) === 'Accepted'
  if (accepted) connector.failSafeInstalledA = connector.config.failSafeCurrentA
  if (outcome.kind === 'error' && isUnsupported(outcome.code)) station.withoutSmartCharging = true
  if (!accepted) {
    const answer = outcome.kind === 'error' ? outcome.code : (statusOf(outcome) ?? 'no status')
    note(state, 'warn', 'fail-safe refused', { station: station.id, connector: connector.id, answer })
  }
  return accepted
}

function verifyAnswered(
  state: ControlState,
  connector: ConnectorControl,
  outcome: CallOutcome,
  now: Now,
): boolean {
  const expectedA = Math.max(
    worstOfChain(connector.idle, now.monoMs) ?? connector.config.failSafeCurrentA,
    worstOfChain(connector.live, now.monoMs) ?? 0,
  )
  const read = readBack(outcome, wattsAs(state, connector, now))
  const readA = read.kind === 'limits' ? read.periods[0].limitA : undefined
  if (readA === undefined) {
    note(state, 'warn', 'profile not readable', {
      station: connector.stationId,
      connector: connector.id,
      why: read.kind === 'unreadable' ? read.why : 'no limit',
    })
    connector.verified = connector.model.smartCharging.obeysUnseen
    return connector.verified
  }
  if (readA > expectedA + READ_BACK_TOLERANCE_A) {
    note(state, 'warn', 'profile overruled', {
      station: connector.stationId,
      connector: connector.id,
      readA,
      expectedA,
    })
    connector.verified = false
    return false
  }
  connector.verified = true
  connector.unconfirmedUntilMs = undefined
  note(state, 'info', 'profiles verified', { station: connector.stationId, connector: connector.id, readA })
  state.effects.push({ kind: 'record', record: recordOf(connector, now.monoMs) })
  return true
}
