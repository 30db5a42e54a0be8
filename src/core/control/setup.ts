/**
 * Lays Busbar's profiles on a station that has connected and reads them back (control rule 7). One CALL at a time, in
 * the order of `setupSteps`; a step nobody answered is tried again, a read-back that disagrees starts over.
 */

import { PROOF_AFTER_MS } from '../allocation/booking.js'
import type { CallOutcome } from '../answer.js'
import type { ClearChargingProfileRequest } from '../schedule/profile-requests.js'
import { readBack } from '../schedule/read-back.js'
import { askComposite, judgeAnswer } from './check.js'
import { type ConnectorControl, isKnown, pauseA } from './connector.js'
import { keepLess } from './keep.js'
import type { Now } from './now.js'
import { overshoot } from './overshoot.js'
import { READ_BACK_TOLERANCE_A } from './read-back.js'
import { type ControlState, connectorOf, nextTag, note } from './state.js'
import { SETUP_RETRY_MS, type Setup, type SetupStep, type StationControl, setupSteps } from './station.js'
import {
  isUnsupported,
  REFUSED_RETRY_MS,
  statusOf,
  wattsRead,
  writeFailSafe,
  writeIdle,
  writeLive,
} from './write.js'

/** More than was written lies on the station: soon, but not in a storm. */
const OVERRULED_RETRY_MS = 5_000

/** Starts from the first step after `delayMs`; what an earlier laying still has out no longer moves it. */
export function startSetup(
  state: ControlState,
  station: StationControl,
  at: { readonly now: Now; readonly delayMs: number; readonly sweep?: boolean },
): void {
  if (station.release !== undefined) return
  for (const [tag, call] of state.openCalls) {
    if (call.stationId !== station.id) continue
    if (call.kind === 'setup') state.openCalls.delete(tag)
    else if (call.kind === 'live' || call.kind === 'idle') state.openCalls.set(tag, { ...call, setup: false })
  }
  station.again = undefined
  station.setup = {
    steps: setupSteps(station, at.sweep === true),
    at: 0,
    waiting: false,
    notBeforeMs: at.now.monoMs + at.delayMs,
  }
  runSetup(state, station, at.now)
}

/** The TxProfile is gone: now it shows what lies below, where that was never seen. */
export function verifyDefaults(state: ControlState, station: StationControl, now: Now): void {
  if (!station.connected || station.setup !== undefined || station.release !== undefined) return
  const unseen = station.connectors.filter(({ transaction, defaultsVerified }) => {
    return transaction === undefined && !defaultsVerified
  })
  if (unseen.length === 0) return
  station.setup = {
    steps: unseen.map(({ id }) => ({ kind: 'verify' as const, connectorId: id })),
    at: 0,
    waiting: false,
    notBeforeMs: now.monoMs,
  }
  runSetup(state, station, now)
}

/** Sends the next step when nothing is out and its time has come. */
export function runSetup(state: ControlState, station: StationControl, now: Now): void {
  layAgain(station, now)
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

/** What was refused is tried again by itself: the other connectors go on meanwhile. */
function layAgain(station: StationControl, now: Now): void {
  const { again } = station
  if (again === undefined || station.setup !== undefined || now.monoMs < again.atMs) return
  station.again = undefined
  const steps = setupSteps(station, false).filter(step => isOf(step, again.connectorIds))
  station.setup = { steps, at: 0, waiting: false, notBeforeMs: now.monoMs }
}

function isOf(step: SetupStep, connectorIds: readonly number[]): boolean {
  return step.kind !== 'clear' && connectorIds.includes(step.connectorId)
}

/** The connector stays unverified, so at its maximum; nothing more is asked of it for now. */
function leaveOut(station: StationControl, setup: Setup, connectorId: number, now: Now): void {
  const ids = new Set([...(station.again?.connectorIds ?? []), connectorId])
  station.again = { connectorIds: [...ids], atMs: now.monoMs + REFUSED_RETRY_MS }
  const steps = setup.steps.filter((step, at) => at <= setup.at || !isOf(step, [connectorId]))
  station.setup = { ...setup, steps, at: setup.at + 1, waiting: false }
}

/** False when the step had nothing to send. */
function sendStep(state: ControlState, station: StationControl, step: SetupStep, now: Now): boolean {
  if (step.kind === 'clear') {
    clearStep(state, station, step.payload)
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
      writeLive(state, station, connector, { offerA: fittingA(state, connector, now), now, setup: true })
      return true
    case 'survey':
    case 'verify':
      askComposite(state, station, { id: step.connectorId }, 'setup')
      return true
  }
}

/** An offer of before is written again only where there is still room for what is booked; else the fail-safe. */
function fittingA(state: ControlState, connector: ConnectorControl, now: Now): number {
  const { offerA, config } = connector
  if (overshoot(state, connector, state.bookedA, now.monoMs) <= 0) return offerA
  return Math.max(pauseA(connector), Math.min(offerA, config.failSafeCurrentA))
}

function clearStep(state: ControlState, station: StationControl, payload: object): void {
  const tag = nextTag(state)
  state.openCalls.set(tag, { kind: 'setup', stationId: station.id })
  state.effects.push({
    kind: 'call',
    tag,
    stationId: station.id,
    urgency: 'normal',
    action: 'ClearChargingProfile',
    payload,
  })
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
  const verdict = settleStep(state, station, step, { outcome, now })
  if (verdict === 'overruled') {
    const steps = setupSteps(station, true)
    station.setup = { steps, at: 0, waiting: false, notBeforeMs: now.monoMs + OVERRULED_RETRY_MS }
    return
  }
  if (verdict === 'refused' && step.kind !== 'clear') leaveOut(station, setup, step.connectorId, now)
  else station.setup = { ...setup, at: setup.at + 1, waiting: false }
  runSetup(state, station, now)
}

/** How a step ended; `overruled` starts the laying over, `refused` that of the connector. */
type StepEnd = 'done' | 'refused' | 'overruled'

function settleStep(
  state: ControlState,
  station: StationControl,
  step: SetupStep,
  at: { readonly outcome: CallOutcome; readonly now: Now },
): StepEnd {
  const { outcome } = at
  if (step.kind === 'clear') {
    if (step.isOwn !== true) tellCleared(state, station, step.payload, outcome)
    return 'done'
  }
  const connector = connectorOf(state, station.id, step.connectorId)
  if (connector === undefined) return 'done'
  switch (step.kind) {
    case 'survey':
      surveyed(state, connector, at)
      return 'done'
    case 'fail-safe':
      return failSafeAnswered(state, station, connector, outcome) ? 'done' : 'refused'
    case 'verify':
      return verifyAnswered(state, station, connector, at)
    case 'idle':
    case 'live':
      return statusOf(outcome) === 'Accepted' ? 'done' : 'refused'
  }
}

/** What somebody else had put on the station is recorded when it goes. */
function tellCleared(
  state: ControlState,
  station: StationControl,
  payload: ClearChargingProfileRequest,
  outcome: CallOutcome,
): void {
  if (statusOf(outcome) !== 'Accepted') return
  state.effects.push({ kind: 'cleared', stationId: station.id, filter: payload })
  note(state, 'info', 'foreign profiles cleared', { station: station.id, filter: JSON.stringify(payload) })
}

/** The station has booted and nothing was written yet: does it still hold the fail-safe of before (control rule 11)? */
function surveyed(
  state: ControlState,
  connector: ConnectorControl,
  { outcome }: { readonly outcome: CallOutcome },
): void {
  const { surveyA } = connector
  connector.surveyA = undefined
  const read = readBack(outcome, wattsRead(state, connector))
  if (read.kind !== 'limits' || surveyA === undefined) return
  const mostA = Math.max(...read.periods.map(period => period.limitA))
  connector.survived = mostA <= surveyA + READ_BACK_TOLERANCE_A
  note(state, connector.survived ? 'info' : 'warn', 'fail-safe after reboot', {
    station: connector.stationId,
    connector: connector.id,
    readA: mostA,
    survived: connector.survived,
  })
}

function failSafeAnswered(
  state: ControlState,
  station: StationControl,
  connector: ConnectorControl,
  outcome: CallOutcome,
): boolean {
  const accepted = statusOf(outcome) === 'Accepted'
  if (accepted) {
    const { survived } = connector
    const valueA = connector.config.failSafeCurrentA
    connector.failSafe = { valueA, ...(survived !== undefined && { survivedReboot: survived }) }
  }
  if (outcome.kind === 'error' && isUnsupported(outcome.code)) station.withoutSmartCharging = true
  if (!accepted) {
    const answer = outcome.kind === 'error' ? outcome.code : (statusOf(outcome) ?? 'no status')
    note(state, 'warn', 'fail-safe refused', { station: station.id, connector: connector.id, answer })
  }
  return accepted
}

/** Until now anything could be in force: nothing was known, or it may have lost what was, away from everybody's eyes. */
function isOpen(connector: ConnectorControl): boolean {
  return !isKnown(connector) || (!connector.isSeenBack && connector.failSafe?.survivedReboot !== true)
}

/** Under a TxProfile only that is seen; what lies below it stays unseen until the session has ended (control rule 7). */
function verifyAnswered(
  state: ControlState,
  station: StationControl,
  connector: ConnectorControl,
  at: { readonly outcome: CallOutcome; readonly now: Now },
): StepEnd {
  const judgement = judgeAnswer(state, station, connector, at)
  const about = { station: connector.stationId, connector: connector.id }
  const seen = connector.transaction === undefined ? 'defaultsVerified' : 'liveVerified'
  const wasOpen = isOpen(connector)
  if (judgement.kind === 'unreadable') {
    note(state, 'warn', 'profile not readable', { ...about, why: judgement.why })
    if (wasOpen) connector.followsFromMs = at.now.monoMs + PROOF_AFTER_MS
    // No answer is no sight of it: only a model shown to obey is taken at its Accepted.
    connector.isSeenBack ||= connector.model.smartCharging.obeysUnseen
    connector[seen] = connector.model.smartCharging.obeysUnseen
    return connector[seen] ? 'done' : 'refused'
  }
  const { readA, expectedA } = judgement
  if (judgement.kind === 'over') {
    note(state, 'warn', 'profile overruled', { ...about, readA, expectedA })
    connector.defaultsVerified = false
    connector.liveVerified = false
    return 'overruled'
  }
  if (wasOpen) connector.followsFromMs = at.now.monoMs + PROOF_AFTER_MS
  connector.isSeenBack = true
  connector[seen] = true
  connector.restored = undefined
  note(state, 'info', 'profiles verified', { ...about, readA })
  keepLess(state, connector, station, at.now)
  return 'done'
}
