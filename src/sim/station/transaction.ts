/**
 * One transaction at one connector of a simulated station: its messages, its samples and the limit that holds for it
 * (OCPP 1.6 §4.7, §4.8, §4.10, §3.13). Must not know cables, tags at the reader, or availability.
 */
import type { Clock, Timer } from '../../ports.js'
import type { Authorization } from './authorization.js'
import { type ConnectorElectrics, limitA, voltsOf } from './composite.js'
import type { Configuration } from './configuration.js'
import type { Delivery, TransactionRef } from './delivery.js'
import {
  asReported,
  type MeterValue,
  type Reading,
  type SampleContext,
  sampledValues,
} from './meter-values.js'
import type { Outlet } from './outlet.js'
import type { ProfileStack, ProfileTransaction } from './profiles.js'
import { idTagAnswer, type StationProfile, startAnswer } from './requests.js'
import type { PhaseReports } from './station-options.js'

/** StopTransaction reasons the simulation uses (OCPP 1.6 §7.36). */
export type StopReason =
  | 'DeAuthorized'
  | 'EVDisconnected'
  | 'HardReset'
  | 'Local'
  | 'PowerLoss'
  | 'Reboot'
  | 'Remote'
  | 'SoftReset'
  | 'UnlockCommand'

/** What a transaction needs of its station. */
export interface TransactionHost {
  readonly clock: Clock
  readonly configuration: Configuration
  readonly authorization: Authorization
  readonly profiles: ProfileStack
  readonly delivery: Delivery
  readonly phaseReports: PhaseReports
  /** The station's own clock, ms. */
  wallMs(): number
  /** Connectors with a transaction: they share the ChargePointMaxProfile. */
  chargingCount(): number
  /** Of its rating that the station itself can offer now, 0-1. */
  offeredShare(): number
}

/** Who may charge, before the cable is there. */
export interface Grant {
  readonly idTag: string
  readonly parentIdTag: string | undefined
  /** Of a RemoteStartTransaction. */
  readonly profile: StationProfile | undefined
}

/** Longest sleep between two looks at the schedule: bounds the error of a clock that is set meanwhile. */
const LONGEST_SLEEP_MS = 3_600_000
const LOOK_AT_ALLOWANCE_MS = 1_000

export class Transaction {
  readonly ref: TransactionRef = { id: undefined }
  private readonly startedMonoMs: number
  private readonly beginValue: object
  /** The CSMS refused the tag and StopTransactionOnInvalidId is false: no more energy. */
  private blocked = false
  private limitTimer: Timer | undefined
  private allowanceTimer: Timer | undefined
  private sampleTimer: Timer | undefined

  constructor(
    private readonly host: TransactionHost,
    private readonly place: { readonly electrics: ConnectorElectrics; readonly outlet: Outlet },
    readonly grant: Grant,
    /** Told when the CSMS refused the tag and the transaction has to end. */
    private readonly deauthorized: () => void,
  ) {
    this.startedMonoMs = host.clock.monoMs()
    this.beginValue = meterValue(
      host,
      place,
      'Transaction.Begin',
      host.configuration.list('StopTxnSampledData'),
    )
  }

  /** Sends StartTransaction and lets the car charge. The caller has made it the connector's transaction before. */
  begin(reservationId: number | undefined): void {
    const { host, grant, place } = this
    const { connectorId } = place.electrics
    // The profile of a RemoteStartTransaction belongs to the transaction it started (errata 3.41).
    if (grant.profile)
      host.profiles.set(
        { connectorId, csChargingProfiles: grant.profile },
        { nowMs: host.wallMs(), connectorCount: connectorId, transaction: this.forProfiles() },
      )
    host.delivery.push({
      action: 'StartTransaction',
      transaction: this.ref,
      payload: {
        connectorId,
        idTag: grant.idTag,
        meterStart: Math.floor(place.outlet.energyWh()),
        timestamp: timestamp(host),
        ...(reservationId === undefined ? {} : { reservationId }),
      },
      answered: answer => this.started(answer),
    })
    place.outlet.energise(this.offerA())
    this.restartSampling()
  }

  /** Sends StopTransaction; no more energy, no more samples. */
  end(reason: StopReason, idTag: string | undefined): void {
    const { host, place, ref } = this
    host.profiles.endTransaction(place.electrics.connectorId)
    const measurands = host.configuration.list('StopTxnSampledData')
    const data = [this.beginValue, meterValue(host, place, 'Transaction.End', measurands)]
    host.delivery.push({
      action: 'StopTransaction',
      transaction: ref,
      payload: {
        meterStop: Math.floor(place.outlet.energyWh()),
        timestamp: timestamp(host),
        reason,
        ...(idTag === undefined ? {} : { idTag }),
        ...(measurands.length > 0 ? { transactionData: data } : {}),
      },
      answered: answer => {
        const info = idTagAnswer.safeParse(answer).data?.idTagInfo
        if (info) host.authorization.remember(idTag ?? this.grant.idTag, info)
      },
    })
    this.pause()
  }

  /** Contactor open, timers off; the transaction itself stays (power loss). */
  pause(): void {
    this.place.outlet.cut()
    for (const timer of [this.limitTimer, this.sampleTimer, this.allowanceTimer]) timer?.cancel()
  }

  forProfiles(): ProfileTransaction {
    return { id: this.ref.id, startedMs: this.startedMs() }
  }

  /** Looks at the profiles again: they, the clock or the number of sharers changed. */
  refreshLimit(): void {
    const { host } = this
    this.limitTimer?.cancel()
    this.place.outlet.offer(this.offerA())
    const nowMs = host.wallMs()
    const edges = host.profiles.edges(nowMs, nowMs + LONGEST_SLEEP_MS, this.startedMs())
    const next = edges.reduce((least, edge) => Math.min(least, edge), nowMs + LONGEST_SLEEP_MS)
    this.limitTimer = host.clock.after(next - nowMs, () => this.refreshLimit())
  }

  /** (Re)starts the periodic samples by MeterValueSampleInterval; 0 = none. */
  restartSampling(): void {
    this.sampleTimer?.cancel()
    const intervalS = this.host.configuration.integer('MeterValueSampleInterval', 0)
    if (intervalS <= 0) return
    this.sampleTimer = this.host.clock.every(intervalS * 1000, () => this.sample('Sample.Periodic'))
  }

  /** Takes a sample as a transaction message (§3.7). */
  sample(context: 'Sample.Periodic' | 'Sample.Clock'): void {
    const payload = sampleOf(this.host, this.place, context)
    this.host.delivery.push({ action: 'MeterValues', transaction: this.ref, payload })
  }

  private started(answer: unknown): void {
    const { host } = this
    const conf = startAnswer.safeParse(answer)
    if (!conf.success) return
    host.authorization.remember(this.grant.idTag, conf.data.idTagInfo)
    if (conf.data.idTagInfo.status !== 'Accepted') this.endAfterAllowance(this.place.outlet.energyWh())
  }

  /** MaxEnergyOnInvalidId: a refused tag still gets this much, so that the car can move away (§9.1.14). */
  private endAfterAllowance(refusedAtWh: number): void {
    const { host } = this
    const takenWh = this.place.outlet.energyWh() - refusedAtWh
    if (takenWh < host.configuration.integer('MaxEnergyOnInvalidId', 0)) {
      this.allowanceTimer = host.clock.after(LOOK_AT_ALLOWANCE_MS, () => this.endAfterAllowance(refusedAtWh))
      return
    }
    if (host.configuration.flag('StopTransactionOnInvalidId', true)) this.deauthorized()
    else {
      this.blocked = true
      this.refreshLimit()
    }
  }

  private offerA(): number {
    if (this.blocked) return 0
    const { host } = this
    const at = { nowMs: host.wallMs(), startedMs: this.startedMs(), shareOf: host.chargingCount() }
    const { electrics } = this.place
    const toldA = limitA(host.profiles, electrics, at)
    // The pilot works in steps of a tenth; never up.
    return Math.floor(Math.min(toldA, electrics.ratedA * host.offeredShare()) * 10 + 1e-6) / 10
  }

  /** Counted back on the monotonic clock, so that setting the clock does not shift a Relative schedule. */
  private startedMs(): number {
    return this.host.wallMs() - (this.host.clock.monoMs() - this.startedMonoMs)
  }
}

/** MeterValues.req without transactionId, with the measurands the configuration names for this context. */
export function sampleOf(
  host: Pick<TransactionHost, 'configuration' | 'phaseReports' | 'wallMs'>,
  place: { readonly electrics: ConnectorElectrics; readonly outlet: Outlet },
  context: 'Sample.Periodic' | 'Sample.Clock' | 'Trigger',
): object {
  const key = context === 'Sample.Clock' ? 'MeterValuesAlignedData' : 'MeterValuesSampledData'
  const { connectorId } = place.electrics
  const whole = meterValue(host, place, context, host.configuration.list(key))
  return { connectorId, meterValue: asReported(whole, host.phaseReports) }
}

function meterValue(
  host: Pick<TransactionHost, 'wallMs'>,
  place: { readonly electrics: ConnectorElectrics; readonly outlet: Outlet },
  context: SampleContext,
  measurands: readonly string[],
): MeterValue {
  const reading: Reading = {
    flowA: place.outlet.flowA(),
    energyWh: place.outlet.energyWh(),
    offeredA: place.outlet.pilotA(),
    voltageV: voltsOf(place.electrics),
    wiredPhases: place.electrics.wiredPhases,
    isDirect: place.electrics.dcEfficiency !== undefined,
  }
  return { timestamp: timestamp(host), sampledValue: sampledValues(measurands, context, reading) }
}

function timestamp(host: Pick<TransactionHost, 'wallMs'>): string {
  return new Date(host.wallMs()).toISOString()
}
