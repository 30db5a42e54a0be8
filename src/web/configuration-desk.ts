/** What the page and its API may do with the configuration. The gateway implements it; this edge never sees how. */
import type { Change } from '../core/config/difference.js'
import type { Fault } from '../core/config/faults.js'
import type { PlacedFault } from '../core/config/json-text.js'
import type { SiteProof } from './site-reader.js'

export interface ConfigurationDesk {
  /** As it stands in the file, also where that is no JSON; `tag` is another for another text. */
  read(): Promise<ConfigurationText>
  /** Ids that a document may name, by the name the schema gives to their list. */
  choices(): Readonly<Record<string, readonly string[]>>
  /** What would come of this text. Changes nothing. */
  check(text: string): Promise<ConfigurationCheck>
  /** Takes it, when `tag` is still that of the configuration and there is no fault. */
  put(text: string, edit: ConfigurationEdit): Promise<ConfigurationOutcome>
  /** The last 50 changes, newest first. */
  history(): Promise<readonly ConfigurationChange[]>
  /** Takes the document as it was before change `number`, judged by what holds today. */
  rollBack(
    number: number,
    edit: ConfigurationEdit,
  ): Promise<ConfigurationOutcome | { readonly kind: 'unknown' }>
}

export interface ConfigurationText {
  readonly tag: string
  /** Absent = there is no configuration yet. */
  readonly text?: string
}

export interface ConfigurationEdit {
  /** The configuration that was edited. */
  readonly tag: string
  readonly by: string
}

export interface ConfigurationCheck {
  /** At most 200; empty = it may be taken. */
  readonly faults: readonly PlacedFault[]
  readonly moreFaults: number
  /** Named and not on this machine: no reason to refuse, and will not work. */
  readonly missing: readonly Fault[]
  /** Also where it does not hold; absent where a fault leaves nothing to reckon with. */
  readonly proof?: ConfigurationProof
  /** Against the configuration that runs, or, when none does, against the file. At most 200. */
  readonly changes: readonly Change[]
  readonly moreChanges: number
  /** Places of the document for which Busbar restarts itself; empty = what changes is applied while sessions run. */
  readonly restartFor: readonly string[]
}

export interface ConfigurationProof extends SiteProof {
  /** Every link dead, every connector at its fail-safe, worst phase. */
  readonly circuits: readonly {
    readonly circuitId: string
    readonly failSafeA: number
    readonly worstOtherLoadA: number
    readonly limitA: number
    readonly holds: boolean
  }[]
}

export type ConfigurationOutcome =
  | {
      readonly kind: 'restarts'
      readonly tag: string
      readonly inMs: number
      readonly number: number
      readonly check: ConfigurationCheck
      readonly webPort: number
    }
  /** It holds already; no session and no connection of a station that is as it was has ended. */
  | {
      readonly kind: 'applied'
      readonly tag: string
      readonly number: number
      readonly check: ConfigurationCheck
    }
  /** It says the same as the one that runs. */
  | { readonly kind: 'unchanged'; readonly tag: string }
  | { readonly kind: 'faulty'; readonly check: ConfigurationCheck }
  /** Somebody else was first. */
  | { readonly kind: 'changed-meanwhile'; readonly tag: string }
  /** Another change is just taking effect. */
  | { readonly kind: 'restarting' }
  | { readonly kind: 'not-written'; readonly reason: string }

export interface ConfigurationChange {
  /** Counts up from 1. */
  readonly number: number
  readonly at: string
  readonly by: string
  /** `withdrawn` = Busbar could not be started with it and took the earlier one back. */
  readonly action: 'changed' | 'rolled back' | 'restored' | 'withdrawn'
  /** There is something to go back to. */
  readonly hadBefore: boolean
  /** False for the newest where the file says something else: edited by hand since, or cut off as it was written. */
  readonly isInFile: boolean
  readonly changes: readonly Change[]
  readonly moreChanges: number
}
