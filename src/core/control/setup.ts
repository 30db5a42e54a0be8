/**
 * Lays Busbar's profiles on a station that has connected and reads them back (control rule 7). One CALL at a time, in
 * the order of `setupSteps`; a step nobody answered is tried again, a read-back that disagrees starts over.
 */

import { PROOF_AFTER_MS } from '../allocation/booking.js'
import type { CallOutcome } from '../answer.js'
import type { ClearChargingProfileRequest } from '../schedule/profile-requests.js'
import { readBack } from '../schedule/read-back.js'
import { callStation } from './call.js'
import { askComposite, judgeAnswer } from './check.js'
import { type ConnectorControl, earlierFailSafeA, isKnown, isShownToObey } from './connector.js'
import { fittingA, isSeenToFit } from './fitting.js'
import { isIdleHeldBack, keepsToDisk, waitsForRoom } from './floor-step.js'
import { failSafeKept, keepLess, withoutFailSafe } from './keep.js'
import type { Now } from './now.js'
import { planned } from './plan-fault.js'
import { isAsWritten, READ_BACK_TOLERANCE_A } from './read-back.js'
import { isOf, setupSteps, withoutConnector } from './setup-steps.js'
import { type ControlState, connectorOf, note, type OpenCall } from './state.js'
import { isThere, SETUP_RETRY_MS, type SetupKind, type SetupStep, type StationControl } from './station.js'
import { unreadAgain } from './unread.js'
import { wattsRead } from './watts.js'
import { growingPauseMs, isUnsupported, statusOf, writeFailSafe, writeIdle, writeLive } from './write.js'
import type { WriteCause } from './write-cause.js'

/** More than was written lies on the station: soon, but not in a storm. */
const OVERRULED_RETRY_MS = 5_000
/** A configuration takes a slow line some seconds. */
const KEYS_WAIT_MS = 12_000
const STATUS_WAIT_MS = 3_000
/** Until others have given way for a higher fail-safe. */
const ROOM_RETRY_MS = 1_000
/** A question that a station leaves unanswered so often has no answer. */
const MOST_UNANSWERED = 2

/** Starts from the first step after `delayMs`; what an earlier laying still has out no longer moves it. */
export function startSetup(
  state: ControlState,
  station: StationControl,
  at: {
    readonly now: Now
    readonly delayMs: number
    readonly cause: WriteCause
    readonly kind: SetupKind
    readonly steps?: readonly SetupStep[]
  },
): void {
  if (station.release !== undefined) return
  for (const [tag, call] of state.openCalls) {
    if (call.stationId !== station.id) continue
    if (call.kind === 'setup') state.openCalls.delete(tag)
    else if (call.kind === 'live' || call.kind === 'idle') state.openCalls.set(tag, { ...call, setup: false })
  }
  station.again = undefined
  station.setup = {
    cause: at.cause,
    kind: at.kind,
    steps: at.steps,
    at: 0,
    waiting: false,
    unanswered: 0,
    notBeforeMs: at.now.monoMs + at.delayMs,
  }
  runSetup(state, station, at.now)
}

/** How long a new station is given to say what it takes and whether a car is there, before it is written to, ms. */
export function waitsForMs(station: StationControl): number {
  if (station.configuration.readWallMs === undefined) return KEYS_WAIT_MS
  const isSilent = station.connectors.some(({ id, status }) => status === 'unknown' && isThere(station, id))
  return isSilent ? STATUS_WAIT_MS : 0
}

/** It has said something more: what waited for that goes on. */
export function hasWaited(state: ControlState, station: StationControl, now: Now): void {
  const { setup } = station
  if (setup?.cause !== 'set-up' || setup.steps !== undefined) return
  station.setup = { ...setup, notBeforeMs: Math.min(setup.notBeforeMs, now.monoMs + waitsForMs(station)) }
  runSetup(state, station, now)
}

/**
 * Where no TxProfile is in the way it shows what lies below: asked where that was never seen, and where nothing could be
 * read, once its pause is over.
 */
export function verifyDefaults(state: ControlState, station: StationControl, now: Now): void {
  if (!station.connected || station.setup !== undefined || station.withoutSmartCharging) return
  if (station.release !== undefined) return
  for (const connector of station.connectors) {
    // A station that cannot be read and was seen to obey is taken at its Accepted.
    if (connector.transaction === undefined && connector.unread !== undefined && isShownToObey(connector))
      connector.defaultsVerified = true
  }
  const unseen = station.connectors.filter(({ id, transaction, defaultsVerified, unread }) => {
    if (transaction !== undefined || defaultsVerified || !isThere(station, id)) return false
    if (station.again?.connectorIds.includes(id) === true) return false
    return unread === undefined || now.monoMs >= unread.askAtMs
  })
  if (unseen.length === 0) return
  const steps = unseen.map(({ id }) => ({ kind: 'verify' as const, connectorId: id }))
  startSetup(state, station, { now, delayMs: 0, cause: 'set-up', kind: 'lay', steps })
}

/** Of every station that is being laid or is to be laid again. */
export function stepSetups(state: ControlState, now: Now): void {
  for (const station of state.stations.values())
    if (station.setup !== undefined || station.again !== undefined)
      planned(state, station, now, () => runSetup(state, station, now))
}

/** Sends the next step when nothing is out and its time has come. */
function runSetup(state: ControlState, station: StationControl, now: Now): void {
  layAgain(state, station, now)
  let { setup } = station
  while (setup !== undefined && !setup.waiting && now.monoMs >= setup.notBeforeMs && station.connected) {
    const steps: readonly SetupStep[] = setup.steps ?? setupSteps(station, setup.kind)
    const step = steps[setup.at]
    if (step === undefined) {
      station.setup = undefined
      return
    }
    if (waitsForRoom(state, station, step, now)) {
      station.setup = { ...setup, steps, notBeforeMs: now.monoMs + ROOM_RETRY_MS }
      return
    }
    const out = sendStep(state, station, step, now)
    setup = { ...setup, steps, at: out ? setup.at : setup.at + 1, waiting: out }
    station.setup = setup
  }
}

/** What was refused is tried again by itself: the other connectors go on meanwhile. */
function layAgain(state: ControlState, station: StationControl, now: Now): void {
  const { again } = station
  if (again === undefined || station.setup !== undefined || now.monoMs < again.atMs) return
  const steps = setupSteps(station, 'lay').filter(step => isOf(step, again.connectorIds))
  startSetup(state, station, { now, delayMs: 0, cause: 'laid again', kind: 'lay', steps })
}

/** The connector stays unverified, so at its maximum; nothing more is asked of it for now, with growing pauses. */
function leaveOut(station: StationControl, connectorId: number, now: Now): readonly SetupStep[] | undefined {
  const ids = new Set([...(station.again?.connectorIds ?? []), connectorId])
  station.again = {
    connectorIds: [...ids],
    atMs: now.monoMs + growingPauseMs(station.setupRefusals),
  }
  station.setupRefusals += 1
  return withoutConnector(station.setup, connectorId)
}

/** False when the step had nothing to send. */
function sendStep(state: ControlState, station: StationControl, step: SetupStep, now: Now): boolean {
  if (step.kind === 'clear') {
    const open: OpenCall = { kind: 'setup', stationId: station.id }
    const call = { action: 'ClearChargingProfile', payload: step.payload, urgency: 'normal' } as const
    const bared = step.isOwn === true && station.connectors.find(({ id }) => id === step.payload.connectorId)
    const record = bared ? { record: withoutFailSafe(bared, station, now) } : {}
    callStation(state, station, { open, ...call, ...record }, now)
    return true
  }
  const connector = connectorOf(state, station.id, step.connectorId)
  const cause = station.setup?.cause ?? 'set-up'
  switch (step.kind) {
    case 'fail-safe':
      if (connector === undefined) return false
      keepsToDisk(station, connector)
      writeFailSafe(state, station, connector, now)
      return true
    case 'idle':
      if (connector === undefined || isIdleHeldBack(state, station, connector, now)) return false
      writeIdle(state, station, connector, { now, setup: true, cause })
      return true
    case 'live':
      if (connector?.transaction === undefined || liesThere(state, station, connector, now.monoMs))
        return false
      writeLive(state, station, connector, {
        offerA: fittingA(state, station, connector, now),
        now,
        setup: true,
        cause,
      })
      return true
    case 'survey':
    case 'verify':
      if (connector === undefined) return false
      askComposite(state, station, connector, { kind: 'setup', now })
      return true
  }
}

/** After our restart it charges on by what the last run has written: where meters show that it fits it is read back first. */
function liesThere(
  state: ControlState,
  { setup }: StationControl,
  connector: ConnectorControl,
  nowMs: number,
): boolean {
  return setup?.kind === 'check' && isSeenToFit(state, connector, nowMs)
}

/** The CALL of the current step has ended. */
export function setupAnswered(state: ControlState, stationId: string, outcome: CallOutcome, now: Now): void {
  const station = state.stations.get(stationId)
  const setup = station?.setup
  const step = setup?.steps?.[setup.at]
  if (station === undefined || setup === undefined || step === undefined || !setup.waiting) return
  if (outcome.kind === 'timeout' || outcome.kind === 'closed') {
    const unanswered = setup.unanswered + (outcome.kind === 'timeout' ? 1 : 0)
    if (!isQuestion(step) || unanswered < mostUnanswered(step)) {
      const notBeforeMs = now.monoMs + (isQuestion(step) ? 0 : SETUP_RETRY_MS)
      station.setup = { ...setup, waiting: false, unanswered, notBeforeMs }
      return
    }
  }
  const verdict = settleStep(state, station, step, { outcome, now })
  if (verdict === 'overruled' || verdict === 'unseen') {
    startOver(state, station, verdict, now)
    return
  }
  const isRefused = verdict === 'refused' && step.kind !== 'clear'
  const isSilent = step.kind === 'survey' && outcome.kind === 'timeout'
  const left = isSilent
    ? setup.steps?.filter(({ kind }, index) => index <= setup.at || kind !== 'survey')
    : setup.steps
  const steps = isRefused ? leaveOut(station, step.connectorId, now) : left
  station.setup = { ...setup, steps, at: setup.at + 1, waiting: false, unanswered: 0, lateTag: undefined }
  runSetup(state, station, now)
}

/** It only asks: a station that has no answer to it goes on without. */
function isQuestion({ kind }: SetupStep): boolean {
  return kind === 'survey' || kind === 'verify'
}

/** With nothing on it that bounds a car a station is asked once what survived, and for no other connector then. */
function mostUnanswered({ kind }: SetupStep): number {
  return kind === 'survey' ? 1 : MOST_UNANSWERED
}

function startOver(
  state: ControlState,
  station: StationControl,
  verdict: 'overruled' | 'unseen',
  now: Now,
): void {
  switch (verdict) {
    case 'overruled':
      startSetup(state, station, {
        now,
        delayMs: station.setup?.kind === 'check' ? 0 : OVERRULED_RETRY_MS,
        cause: 'laid again',
        kind: 'sweep',
      })
      return
    case 'unseen':
      startSetup(state, station, { now, delayMs: 0, cause: station.setup?.cause ?? 'reconnect', kind: 'all' })
  }
}

/**
 * How a step ended; `refused` lays the connector again later, what follows starts the laying over. `unseen`: a check has not
 * shown what was written.
 */
type StepEnd = 'done' | 'refused' | 'overruled' | 'unseen'

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
      return failSafeAnswered(state, station, connector, at) ? 'done' : 'refused'
    case 'verify':
      return verifyAnswered(state, station, connector, at)
    // What was refused or not answered has its own turn to be written again.
    case 'idle':
    case 'live':
      return 'done'
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
  { outcome, now }: { readonly outcome: CallOutcome; readonly now: Now },
): boolean {
  const accepted = statusOf(outcome) === 'Accepted'
  if (accepted) {
    const { failSafe, survived } = connector
    const valueA = connector.config.failSafeCurrentA
    const earlierA = Math.max(failSafe?.valueA ?? 0, earlierFailSafeA(connector, now.monoMs))
    failSafeKept(connector, valueA)
    connector.failSafe = {
      valueA,
      ...(survived !== undefined && { survivedReboot: survived }),
      ...(valueA < earlierA && { before: { valueA: earlierA, untilMs: now.monoMs + PROOF_AFTER_MS } }),
    }
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
    if (station.setup?.kind === 'check') return 'unseen'
    if (wasOpen) connector.followsFromMs = at.now.monoMs + PROOF_AFTER_MS
    // No answer is no sight of it: only what was shown to obey is taken at its Accepted.
    const obeys = isShownToObey(connector)
    connector.isSeenBack ||= obeys
    connector[seen] = obeys
    connector.unread = unreadAgain(connector.unread, at.now.monoMs)
    return 'done'
  }
  const { readA, expectedA } = judgement
  const isCheck = station.setup?.kind === 'check'
  if (isCheck && judgement.kind === 'agrees' && !isAsWritten(connector, readA, at.now.monoMs)) return 'unseen'
  connector.unread = undefined
  if (judgement.kind === 'over') {
    note(state, 'warn', 'profile overruled', { ...about, readA, expectedA })
    connector.defaultsVerified = false
    connector.liveVerified = false
    return 'overruled'
  }
  station.setupRefusals = 0
  if (wasOpen) connector.followsFromMs = at.now.monoMs + PROOF_AFTER_MS
  connector.isSeenBack = true
  connector[seen] = true
  connector.restored = undefined
  note(state, 'info', 'profiles verified', { ...about, readA })
  keepLess(state, connector, station, at.now)
  return 'done'
}
