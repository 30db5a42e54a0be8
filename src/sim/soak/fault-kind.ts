/**
 * What a fault of the soak is: begun at a place of the dice's choosing, it gives back what mends it, with the time one excess
 * may last by the promise while it holds, and the row of the single-fault table it stands for.
 */

import type { SingleFaultKind } from '../../core/site/single-faults.js'
import type { MeterValues } from '../meter.js'
import type { BusFault } from '../ports/sim-bus.js'
import type { Station } from '../station/station.js'
import type { Dice, SoakStation } from './depot.js'
import type { Door } from './door.js'

/** What a fault may lay hands on. */
export interface FaultSite {
  readonly dice: Dice
  readonly metered: readonly string[]
  readonly circuits: readonly { readonly id: string; readonly worstCaseOtherLoadA: number }[]
  readonly planned: readonly SoakStation[]
  station(id: string): Station
  door(id: string): Door
  defaultsOf(device: string): readonly { readonly key: string; readonly default: string }[]
  setMeter(circuitId: string, fault: BusFault): void
  /** What the circuit's meter shows instead of the truth. */
  distort(circuitId: string, how: ((values: MeterValues) => MeterValues) | undefined): void
  askBase(circuitId: string, loadA: number | undefined): void
  callFromCsms(stationId: string, action: string, payload: object): void
  setCsmsOnline(online: boolean): void
  cutLine(stationId: string, half: boolean): void
  killBusbar(how: 'kill' | 'power cut'): void
  startBusbar(): void
  jumpWall(byMs: number): void
  after(delayMs: number, run: () => void): void
}

export interface FaultKind {
  readonly cause: string
  /** The row of the single-fault table that it is held against. */
  readonly row: SingleFaultKind
  /** Where it can happen at all. */
  readonly fits?: (site: FaultSite) => boolean
  /** Longest time in s; the shortest is 20 s. */
  readonly mostS: number
  /** One excess may last so long, s, beside what a base jump may. */
  readonly allowedS?: (circuitIsMetered: boolean) => number
  /** Busbar is gone from the beginning on. */
  readonly losesBusbar?: true
  begin(site: FaultSite): () => void
}
