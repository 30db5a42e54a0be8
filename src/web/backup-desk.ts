/** What the API may do with backups. The gateway implements it. */
import type { Fault } from '../core/config/faults.js'
import type { ConfigurationCheck, ConfigurationEdit, ConfigurationOutcome } from './configuration-desk.js'

export interface BackupDesk {
  /** The file; undefined where there is no configuration. Without a passphrase it holds no secret. */
  make(passphrase: string | undefined): Promise<string | undefined>
  /** What would come of it. Changes nothing. */
  check(text: string, passphrase: string | undefined): Promise<BackupRead>
  /** Takes it, when there is no fault and the configuration is still the one of `edit`. */
  restore(text: string, passphrase: string | undefined, edit: ConfigurationEdit): Promise<RestoreOutcome>
}

/** Without users: only the configuration is restored, users and secrets stay as they are. */
export interface BackupContent {
  readonly at: string
  readonly users?: readonly string[]
  readonly stationPasswords?: number
  readonly namedSecrets?: number
}

type Unread =
  | { readonly kind: 'unreadable'; readonly faults: readonly Fault[] }
  | { readonly kind: 'wrong-passphrase' }

export type BackupRead =
  | Unread
  | { readonly kind: 'read'; readonly content: BackupContent; readonly check: ConfigurationCheck }

export type RestoreOutcome =
  | Unread
  | { readonly kind: 'judged'; readonly content: BackupContent; readonly outcome: ConfigurationOutcome }
