/**
 * The mind of Busbar: events in, decisions out. Turns what stations and meters say into offers that keep every circuit
 * under its limit. Deterministic and free of IO: time comes as an argument, what is to be done leaves as effects.
 */
import type { CallOutcome } from '../answer.js'
import type { MeterReading, StationEvent } from '../events.js'
import { beganAt } from '../measuring/energy-count.js'
import { judgementOf } from '../measuring/meter-judge.js'
import { meterStep, newMeter } from '../measuring/meter-quality.js'
import type { WiringSeen } from '../measuring/wiring-seen.js'
import { watchedNodes } from '../site/watched.js'
import { asked } from './ask-samples.js'
import { noteAnswerTime } from './call.js'
import { checkAnswered, rewriteSoon } from './check.js'
import type { ClaimRecord } from './claim.js'
import { clockTold } from './clock-proof.js'
import {
  acceptTransaction,
  type ConnectorControl,
  hideDefaults,
  isKnown,
  refuseTransaction,
  startTransaction,
} from './connector.js'
import { decide } from './decide.js'
import { noteLikely } from './draws.js'
import { holdLearners, learnerAnswered } from './hold-learners.js'
import { forgetRecorded, keepLess } from './keep.js'
import { answeredLate, forgetLate, keepLate } from './late.js'
import { forgetLearner, learn } from './learn.js'
import { learnerNotRecorded } from './learner-record.js'
import { leave } from './leaving.js'
import { isAboveLimit, noteVerdict, surroundingsOf } from './meter-evidence.js'
import { notSent } from './not-sent.js'
import type { Now } from './now.js'
import { stepTrails } from './order-trail.js'
import { stepOrders } from './orders.js'
import { guarded } from './plan-fault.js'
import { reconfigured, stepNext } from './reconfigure.js'
import type { BookingRecord } from './record.js'
import { beginReleases, release, stepReleases, takeBack } from './release.js'
import { measure } from './sample.js'
import { hasWaited, setupAnswered, startSetup, stepSetups, verifyDefaults } from './setup.js'
import { isLaid } from './setup-steps.js'
import { arrivalTurn } from './sharing.js'
import { clockFault, siteWallMs } from './site-clock.js'
import { type ControlSite, type ControlState, connectorOf, type Effect, newControlState } from './state.js'
import { heard, type StationControl } from './station.js'
import { booted, configured } from './station-news.js'
import { noteStray } from './stray.js'
import { stepTime } from './time-jump.js'
import { conductorsOf, watchWiring } from './watch-wiring.js'
import { siteVoltageV } from './watts.js'
import { profileAnswered } from './write.js'

/** A station that has restarted sends its BootNotification first; nothing is laid on it before that. */
const BOOT_GRACE_MS = 3_000

export class Controller {
  state: ControlState
  #watched: readonly boolean[]
  #decidedMs: number

  constructor(site: ControlSite, records: readonly BookingRecord[], now: Now) {
    this.state = newControlState(site, records, now)
    this.#watched = watchedOf(this.state)
    this.#decidedMs = now.monoMs
  }

  /** Something happened at a station. One that is not configured is a learner, or unheard of. */
  onStation(event: StationEvent, at: Now): void {
    const station = this.state.stations.get(event.stationId)
    const now = this.#siteNow(at)
    if (station === undefined) {
      learn(this.state, event, now)
      return
    }
    guarded(this.state, station, now, () => this.#take(station, event, now))
  }

  #take(station: StationControl, event: StationEvent, now: Now): void {
    switch (event.kind) {
      case 'connected':
        station.connected = true
        for (const connector of station.connectors) {
          connector.isolated = false
          hideDefaults(connector)
        }
        station.planFault = undefined
        station.heardHere = false
        station.changedWallMs = now.wallMs
        station.withoutTrigger = false
        station.withoutSmartCharging = false
        station.setupRefusals = 0
        station.asked = undefined
        startSetup(this.state, station, {
          now,
          delayMs: BOOT_GRACE_MS,
          cause: 'reconnect',
          kind: isLaid(station) ? 'check' : 'all',
        })
        return
      case 'gone':
        station.connected = false
        forgetLate(this.state, station.id)
        for (const connector of station.connectors) connector.isSeenBack = false
        station.changedWallMs = now.wallMs
        station.setup = undefined
        if (station.release === 'clears') station.release = 'waits'
        return
      case 'booted':
        forgetLate(this.state, station.id)
        booted(this.state, station, event.info, now)
        return
      case 'upstream':
        station.upstream = event.state
        return
      case 'configured':
        configured(this.state, station, event.configuration, now)
        return
      case 'clock-seen':
        heard(station)
        clockTold(this.state, station, event.stationWallMs, now)
        return
      case 'csms-profiles-changed':
        rewriteSoon(station, now, 'csms change')
        return
      case 'status':
      case 'transaction-started':
      case 'transaction-stopped':
      case 'tag-refused':
      case 'tag-accepted':
      case 'measured':
        heard(station)
        this.#onConnector(station, event, now)
    }
  }

  /** Why a meter is not believed although it answers; undefined while it is. */
  disbelieved(meterId: string, nowMonoMs: number): string | undefined {
    const meter = this.state.meters.get(meterId)
    if (meter === undefined) return undefined
    const { verdict, doubt } = judgementOf(meter.judge, nowMonoMs)
    return (verdict ?? doubt)?.text
  }

  /** A poll of a site meter, good or bad, and what is decided by it. */
  onMeter(reading: MeterReading, at: Now): void {
    this.noteMeter(reading, at)
    this.decide(at)
  }

  /** The same without a decision: true when it shows more than its circuit may carry, and must not wait for one. */
  noteMeter(reading: MeterReading, at: Now): boolean {
    const now = this.#siteNow(at)
    const { meterId } = reading
    const before = this.state.meters.get(meterId) ?? newMeter()
    const around = surroundingsOf(this.state, meterId, now.monoMs)
    const hadVerdict = judgementOf(before.judge, now.monoMs).verdict
    const meter = meterStep(before, { reading, nowMs: now.monoMs, ...around })
    this.state.meters.set(meterId, meter)
    noteVerdict(this.state, meterId, hadVerdict, judgementOf(meter.judge, now.monoMs).verdict)
    if (reading.currentA !== undefined) this.state.readings.set(meterId, reading)
    watchWiring(this.state, meterId, { now, watched: this.#watched })
    noteLikely(this.state, meterId, now.monoMs)
    return isAboveLimit(this.state, reading)
  }

  /** A CALL of ours has ended, or was answered after it had. A tag nobody knows is ignored. */
  onAnswer(tag: string, outcome: CallOutcome, at: Now): void {
    const call = this.state.openCalls.get(tag)
    const now = this.#siteNow(at)
    if (call === undefined) {
      answeredLate(this.state, tag, outcome, now)
      return
    }
    if (call.kind === 'learner') {
      this.state.openCalls.delete(tag)
      learnerAnswered(this.state, tag, call, { outcome, now })
      return
    }
    const station = this.state.stations.get(call.stationId)
    if (station === undefined) return
    this.state.openCalls.delete(tag)
    noteAnswerTime(station, outcome, call.sentMs, now.monoMs)
    guarded(this.state, station, now, () => {
      if (call.kind === 'ask') {
        asked(station, outcome)
        return
      }
      if (call.kind === 'check') {
        if (!checkAnswered(this.state, call, outcome, now)) this.#overruled(station, call.connectorId, now)
        return
      }
      if (call.kind !== 'setup') profileAnswered(this.state, tag, call, outcome, now)
      if (call.kind === 'setup' || call.setup) setupAnswered(this.state, call.stationId, outcome, now)
      if (outcome.kind === 'timeout') keepLate(this.state, tag, call)
    })
  }

  /** A CALL of ours was never sent: what it offered was never in force. */
  onNotSent(tag: string, at: Now): void {
    notSent(this.state, tag, this.#siteNow(at))
  }

  /** See `forgetRecorded`. */
  onRecordLost(record: BookingRecord): void {
    if (record.unplaced === true) learnerNotRecorded(this.state, record.stationId)
    const connector = connectorOf(this.state, record.stationId, record.connectorId)
    if (connector !== undefined && connector.recordedA !== undefined) forgetRecorded(connector)
  }

  /** Whether what waited for the disk, a raise or the clearing of a release, is still what is wanted. */
  isWanted(tag: string): boolean {
    const call = this.state.openCalls.get(tag)
    if (call === undefined) return false
    const release = this.state.stations.get(call.stationId)?.release
    if (release !== undefined) return release === 'clears' && call.kind === 'setup'
    if (call.kind !== 'live' && call.kind !== 'idle') return true
    return connectorOf(this.state, call.stationId, call.connectorId)?.[call.kind].at(-1)?.tag === tag
  }

  /**
   * An operator says that a station has no supply, or has it again. Only while it is not connected, and only until it
   * connects (control rule 10). False when it is connected or unknown.
   */
  isolate(stationId: string, isolated: boolean): boolean {
    if (isolated) {
      const [wasRetired, wasLearner] = [this.#forgetRetired(stationId), forgetLearner(this.state, stationId)]
      if (wasRetired || wasLearner) return true
    }
    const station = this.state.stations.get(stationId)
    if (station === undefined || station.connected) return false
    for (const connector of station.connectors) connector.isolated = isolated
    return true
  }

  /** See release.ts. False when there is no such station, or none that could be released now. */
  release(stationId: string, released: boolean, at: Now): boolean {
    const now = this.#siteNow(at)
    return released ? release(this.state, stationId, now) : takeBack(this.state, stationId, now)
  }

  /** What somebody says of a running session; false when that session does not run (any more). */
  claim({ stationId, connectorId, transactionId, claim }: ClaimRecord): boolean {
    const connector = connectorOf(this.state, stationId, connectorId)
    if (connector?.transaction?.id !== transactionId) return false
    connector.claim = claim
    return true
  }

  /** What the sessions before showed of how a connector hangs. */
  knowWiring(key: string, seen: WiringSeen): void {
    this.state.wiring.set(key, { seen })
  }

  /** Another configuration holds from now on, and is decided by at once (reconfigure.ts). */
  reconfigure(site: ControlSite, at: Now): void {
    this.state = reconfigured(this.state, site, this.#siteNow(at))
    this.#watched = watchedOf(this.state)
    this.decide(at)
  }

  decide(at: Now): void {
    stepTime(this.state, at)
    const now = this.#siteNow(at)
    holdLearners(this.state, now)
    stepOrders(this.state, now)
    beginReleases(this.state, now)
    decide(this.state, now, Math.max(0, now.monoMs - this.#decidedMs))
    // What is laid anew has to find its room as it was weighed now.
    stepNext(this.state, now)
    stepSetups(this.state, now)
    stepTrails(this.state, now)
    stepReleases(this.state, now)
    this.#decidedMs = now.monoMs
  }

  /** What is to be done since the last time this was asked, in order. */
  takeEffects(): readonly Effect[] {
    const { effects } = this.state
    this.state.effects = []
    return effects
  }

  /** The time that stations are given and schedules are planned by, ms since 1970 (control rule 6). */
  stationTimeMs(monoMs: number): number {
    return siteWallMs(this.state.clock, monoMs)
  }

  /** Busbar's own time is right as far as it can know (control rule 6). */
  isClockTrusted(monoMs: number): boolean {
    return clockFault(this.state.clock, monoMs) === undefined
  }

  /** Plans are made in the time stations have, whatever our wall clock does meanwhile. */
  #siteNow({ monoMs }: Now): Now {
    return { monoMs, wallMs: this.stationTimeMs(monoMs) }
  }

  /** What was booked for a station that is not configured any more. False when there is none of that name. */
  #forgetRetired(stationId: string): boolean {
    const gone = this.state.retired.filter(entry => entry.stationId === stationId)
    this.state.retired = this.state.retired.filter(entry => entry.stationId !== stationId)
    for (const { connectorId } of gone) this.state.effects.push({ kind: 'forget', stationId, connectorId })
    return gone.length > 0
  }

  /** Under the live profile that was accepted lies another one, which allows more. */
  #overruled(station: StationControl, connectorId: number, now: Now): void {
    const connector = connectorOf(this.state, station.id, connectorId)
    if (connector === undefined) return
    connector.defaultsVerified = false
    connector.liveVerified = false
    startSetup(this.state, station, { now, delayMs: 0, cause: 'laid again', kind: 'sweep' })
  }

  #onConnector(
    station: StationControl,
    event: StationEvent & {
      readonly kind:
        | 'status'
        | 'transaction-started'
        | 'transaction-stopped'
        | 'tag-refused'
        | 'tag-accepted'
        | 'measured'
    },
    now: Now,
  ): void {
    const connector = connectorOf(this.state, event.stationId, event.connectorId)
    if (connector === undefined) {
      if (event.kind !== 'tag-refused' && event.kind !== 'tag-accepted')
        noteStray(station.strays, event.connectorId, event, now.monoMs)
      return
    }
    switch (event.kind) {
      case 'status':
        connector.status = event.status
        connector.errorCode = event.errorCode === 'NoError' ? undefined : event.errorCode
        hasWaited(this.state, station, now)
        // Its Stop may have gone elsewhere, as its Start did.
        if (event.status === 'Available' && connector.transaction?.adopted === true)
          this.#stopped(station, connector, now)
        return
      case 'transaction-started':
        connector.turn = arrivalTurn(this.state, connector, station, now)
        startTransaction(connector, {
          id: event.transactionId,
          startedMonoMs: now.monoMs,
          startedWallMs: event.startedWallMs,
          adopted: event.adopted === true,
          energy: beganAt(
            event.adopted === true ? undefined : event.meterStartWh,
            now.monoMs - Math.max(0, now.wallMs - event.startedWallMs),
          ),
        })
        return
      case 'transaction-stopped':
        if (connector.transaction !== undefined && connector.transaction.id !== event.transactionId) return
        this.#stopped(station, connector, now)
        return
      case 'tag-refused':
        if (connector.transaction?.id !== event.transactionId) return
        refuseTransaction(connector, connector.transaction, event.allowanceWh)
        return
      case 'tag-accepted':
        if (connector.transaction?.id === event.transactionId)
          acceptTransaction(connector, connector.transaction)
        return
      case 'measured':
        measure(connector, station, event.sample, {
          nowMs: now.monoMs,
          nominalVoltageV: this.state.site.config.site.nominalVoltageV,
          siteVoltageV: siteVoltageV(this.state, now),
          seen: conductorsOf(this.state, connector),
          metered: this.#watched[connector.node] === true,
          profile: this.state.site.profile,
        })
    }
  }

  /** Only what was seen without the TxProfile counts from now on. */
  #stopped(station: StationControl, connector: ConnectorControl, now: Now): void {
    leave(this.state, connector, now.monoMs)
    if (isKnown(connector)) keepLess(this.state, connector, station, now)
    else verifyDefaults(this.state, station, now)
  }
}

function watchedOf({ tree, connectors, carriesA }: ControlState): readonly boolean[] {
  const mostA = tree.nodes.map(() => 0)
  for (const { node, config } of connectors) mostA[node] = (mostA[node] ?? 0) + config.maxCurrentA
  return watchedNodes(tree, mostA, carriesA)
}
