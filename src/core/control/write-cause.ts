/**
 * Why a profile is written: what the writes of a station-day are counted by (control rule 4). Words only.
 */
export const WRITE_CAUSES = [
  'set-up',
  'reconnect',
  'laid again',
  'refresh',
  'idle refresh',
  'raise',
  'lower',
  'retry',
  'csms change',
  'clock',
] as const
export type WriteCause = (typeof WRITE_CAUSES)[number]

/** The event in the log, one for each write. */
export const PROFILE_WRITTEN = 'profile written'

/** A write that was asked for outside its turn. */
export interface Due {
  readonly atMs: number
  readonly cause: WriteCause
}
