/**
 * What the page and its API can ask about meters: what hangs on a line, what one says now. Nothing is ever written to a
 * meter. The gateway implements it; this edge knows no Modbus.
 */
import type { Fault } from '../core/config/faults.js'
import type { MeterConfig } from '../core/config/site.js'
import type { MeterReading } from '../core/events.js'
import type { MeterValuesView } from '../core/view/meter-values.js'

export interface MeterDesk {
  /** What of a meter of the running site is known now; undefined = no such meter. */
  values(meterId: string): MeterValuesView | undefined
  /** Bounded in time; `busy` = another one runs. Lines that a running meter uses are named and left alone. */
  scan(wish: ScanWish): Promise<ScanOutcome>
  /** The check of a meter's wiring, begun anew or ended; undefined = no such meter. */
  checkWiring(meterId: string, running: boolean): WiringCheckView | undefined
  wiringCheck(meterId: string): WiringCheckView | undefined
  /** Reads a meter once that need not be configured. */
  read(wish: ReadWish): Promise<ReadOutcome>
}

export type Connection = MeterConfig['connection']

export interface ScanWish {
  /** "10.0.0.5" or "10.0.0.5:503": Modbus TCP and RTU over TCP are both tried. */
  readonly hosts: readonly string[]
  /** Tried at the usual rates; absent = every line that is plugged in, where nothing else is asked for. */
  readonly serialLines?: readonly string[] | undefined
  /** Whoever announces Modbus in the network (mDNS), too. */
  readonly announced?: boolean | undefined
  /** "1-5,255". */
  readonly unitIds: string
}

export interface WiringCheckView {
  readonly running: boolean
  /** Steps of stations and what the meter did, oldest first: L1, L2, L3 as it is wired now. */
  readonly steps: readonly {
    readonly agoS: number
    readonly stationsA: readonly number[]
    readonly meterA: readonly number[]
  }[]
  /** Steps that say nothing, because other load moved beside them. */
  readonly disturbed: number
  readonly finding: 'waiting' | 'does not see' | 'unclear' | 'found'
  /** What to write to the meter's configuration; keys that are right are absent. */
  readonly change?: Pick<MeterConfig, 'invert' | 'phaseMap' | 'ctRatio'>
  /** Site phases whose transformer sits the other way round while others do not. */
  readonly turned?: readonly string[]
  readonly unseen?: readonly string[]
  readonly orderUnknown?: boolean
  /** It is one of these, not the one that is configured; absent where that is right or `change` names it. */
  readonly otherMaps?: readonly string[]
  /** What the meter shows of what flows; 1 = all. */
  readonly share?: number
  /** All of it as a sentence. */
  readonly text: string
}

/** What did not fit, and what would. */
export interface Unfit extends Fault {
  readonly kind: 'unfit'
}

export type ScanOutcome =
  | { readonly kind: 'done'; readonly serialLines: readonly string[]; readonly lines: readonly ScannedLine[] }
  | { readonly kind: 'busy' }
  | Unfit

export interface ScannedLine {
  /** The host or path as it was asked for. */
  readonly where: string
  readonly state: 'searched' | 'cut short' | 'in use' | 'not opened'
  /** Why not opened; by which meters in use. */
  readonly text?: string
  readonly units: readonly {
    readonly unitId: number
    readonly connection: Connection
    /** Vendor, product and revision by itself (function code 43), where it says them. */
    readonly saysOfItself?: string
    /** The first models share their registers: values are right with any of them, the name plate tells which it is. */
    readonly alike?: readonly string[]
    /** Best first; empty = something answers that no device file fits. */
    readonly models: readonly {
      readonly device: string
      readonly manufacturer: string
      readonly model: string
      readonly confidence: 'identified' | 'likely' | 'possible'
      /** What identified it. */
      readonly evidence?: string
      readonly values: Shown
    }[]
  }[]
}

/** One reading as it is shown: import positive, site phases. */
export type Shown = Omit<MeterReading, 'meterId' | 'monoMs' | 'powerFactor'> & {
  /** L1, L2, L3; null = the meter says none. */
  readonly powerFactor?: readonly (number | null)[]
}

export type ReadWish = Pick<MeterConfig, 'device' | 'unitId' | 'connection'> &
  Partial<Pick<MeterConfig, 'invert' | 'phaseMap' | 'ctRatio' | 'vtRatio'>>

export type ReadOutcome =
  | { readonly kind: 'read'; readonly values: Shown }
  | { readonly kind: 'in use'; readonly meters: readonly string[] }
  | { readonly kind: 'busy' }
  | Unfit
