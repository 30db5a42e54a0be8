/** Why a connector gets no more and what a circuit's limit is made up of, as it is shown: codes and parameters beside the words. */
import type { SharingRule } from '../config/site-profile.js'
import type { Lift, Order, PartCode, ReasonCode } from '../control/reason.js'
import type { PhaseName } from '../site/phases.js'

/** The constraint that binds, in words for the driver and with its parts for a machine. */
export interface WhyView {
  readonly code:
    | 'idle'
    | 'full'
    | 'circuit'
    | 'waiting'
    | 'car'
    | 'csms'
    | 'order'
    | 'ramp'
    | 'unverified'
    | 'unreachable'
    | 'meter'
    | 'refused'
  /** "feeder-1 is full on L2: 9 A for this car; 4 cars share it equally." What fills it is said once, at the circuit. */
  readonly text: string
  readonly circuitId?: string
  readonly phase?: PhaseName
  /** From the most the connector can give down to what holds now: each leaves less than the one before, or the same. */
  readonly chain: readonly ReasonView[]
}

/** One source of the chain. */
export interface ReasonView {
  readonly code: ReasonCode
  /** In words, short. */
  readonly name: string
  /** The most it leaves; where nothing can be told to the station, what is counted for it. */
  readonly valueA: number
  /** ISO 8601; of what was so before Busbar started, its start. */
  readonly since?: string
  /** What would lift it, as a code and in words. */
  readonly lift: Lift
  readonly lifted: string
  /** ISO 8601: lifted then at the latest, or looked at again. Alone it is no change. */
  readonly liftAt?: string
  readonly circuitId?: string
  readonly phase?: PhaseName
  /** The meter it is about. */
  readonly about?: string
  /** Towards this: the least a car takes, what it is on the way to. */
  readonly towardsA?: number
  /** Who share there, and by which rule. */
  readonly cars?: number
  readonly rule?: SharingRule
  /** The limit from outside that it is. */
  readonly order?: Order
}

/** What the limit is made up of on the phase with the least left. The parts are the limit together. */
export interface CircuitWhyView {
  readonly phase: PhaseName
  readonly text: string
  readonly limitA: number
  /** It is for the stations alone. */
  readonly onlyStations?: true
  /** The limit from outside that it is. */
  readonly order?: Order
  readonly parts: readonly CircuitPartView[]
}

export interface CircuitPartView {
  readonly code: PartCode
  readonly valueA: number
  /** Stations, connectors or the meter meant, the first few of `count`. */
  readonly about?: readonly string[]
  readonly count?: number
}
