/**
 * What is looked up later, as it is shown: sessions, energy by day, alarms that were, and who is to be ready by when. Shapes
 * for the API and the page; units at the end of each name.
 */
import type { ReasonCode } from '../control/reason.js'
import type { PhaseName } from '../site/phases.js'
import type { AlarmView } from './document.js'
import type { Ender } from './session-log.js'
import type { WhyView } from './why-document.js'

export interface SessionView {
  readonly stationId: string
  readonly connectorId: number
  readonly transactionId: number
  readonly circuitId: string
  /** Its last characters only; absent where nobody has shown one. */
  readonly tag?: string
  /** ISO 8601. Where it was found running: since then, at the latest. */
  readonly startedAt: string
  readonly isAdopted: boolean
  /** Absent while it runs. */
  readonly endedAt?: string
  readonly energyWh: number
  /** Told to the station from the first offer on; absent where it was told nothing. */
  readonly averageOfferA?: number
  readonly lowestOfferA?: number
  /** What held it back, the longest first. */
  readonly heldBack: readonly HeldBackView[]
  /** Absent while it runs. */
  readonly endedBy?: Ender
  /** In words. */
  readonly endedHow?: string
}

/** `name` says in words what the other fields say as codes. */
export interface HeldBackView {
  readonly name: string
  readonly code: ReasonCode
  readonly circuitId?: string
  readonly phase?: PhaseName
  readonly about?: string
  readonly seconds: number
}

export interface EnergyDayView {
  /** On a calendar at the site. */
  readonly date: string
  readonly stations: readonly { readonly id: string; readonly energyWh: number }[]
  /** `meteredWh`: by its own meter, other load with it. */
  readonly circuits: readonly {
    readonly id: string
    readonly energyWh: number
    readonly meteredWh?: number
  }[]
}

export interface PastAlarmView extends AlarmView {
  /** ISO 8601. Absent while it holds, and where Busbar was stopped before it was over. */
  readonly until?: string
  readonly holds: boolean
}

/** `late`: by what it draws now it will not have it by then. `unknown`: nobody has said how much. */
export const READINESS = ['ready', 'on time', 'late', 'unknown'] as const

export interface ReadyByView {
  readonly stationId: string
  readonly connectorId: number
  readonly departureAt: string
  /** See ClaimView. */
  readonly source: 'api' | 'tag' | 'learned'
  readonly energyWh: number
  readonly wantedWh?: number
  /** What it draws now; absent where it is not measured and nothing is offered. */
  readonly powerW?: number
  /** What it will have at its departure, drawing as now. */
  readonly expectedWh?: number
  readonly readiness: (typeof READINESS)[number]
  /** Why it gets no more now; `whySaid` to be put into another language. */
  readonly why: string
  readonly whySaid: WhyView
}
