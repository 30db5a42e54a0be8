/** Terms of the WEMOB's manual that others than its features need (seed 001, 4.4). */

/** Who says that a car may charge: nobody has to, a list here, or the CSMS (modes 0, 1, 2). */
export type Commissioned = 'always' | 'local list' | 'csms'

/** What the vendor's service hears, EnableSystemHealth = true. */
export interface HealthReport {
  readonly stationId: string
  readonly wallMs: number
  readonly isSilent: boolean
  /** Of its rating, 0-1. */
  readonly loadShare: number
}
