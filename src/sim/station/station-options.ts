/**
 * What one simulated station is: its model file, its wiring, what the installer set, and how fast it reacts.
 * Must not know how it behaves.
 */
import type { StationModel } from '../../core/config/station-model.js'
import type { Ports } from '../../ports.js'
import type { ConnectorElectrics } from './composite.js'
import type { Commissioned, HealthReport } from './vendor-terms.js'

/** How a station gives its amps: all phases, its L1 alone, or one meterValue of the same time for each phase. */
export type PhaseReports = 'all' | 'own L1' | 'one meterValue each'

export interface StationOptions {
  readonly ports: Pick<Ports, 'clock' | 'random' | 'network' | 'log'>
  readonly id: string
  /** Without the identity, like "ws://127.0.0.1:9000/ocpp". */
  readonly url: string
  readonly model: StationModel
  /** One entry per connector, from connector 1. */
  readonly connectors: readonly Omit<ConnectorElectrics, 'connectorId'>[]
  /** Configuration keys as the installer set them, whatever their access. */
  readonly settings?: Readonly<Record<string, string>>
  /** Default "all": every phase in one meterValue. */
  readonly phaseReports?: PhaseReports
  /** Default true: both seed models have fixed cables. */
  readonly fixedCable?: boolean
  /** Basic authentication password, one character per byte. */
  readonly password?: string
  /** Start-up time after a reset or power-on. */
  readonly bootMs?: number
  /** From SetChargingProfile to the first possible change of the pilot. */
  readonly acceptMs?: number
  /** Least time between two changes of the pilot. */
  readonly pilotHoldMs?: number
  readonly answerTimeoutMs?: number
  /** Default "csms". */
  readonly commissioned?: Commissioned
  /** The vendor's service, which hears of the station's health beside OCPP. */
  readonly vendorService?: (report: HealthReport) => void
}
