/** What the page and its API may do to put a site into service. The gateway implements it; this edge never sees how. */
import type { z } from '@hono/zod-openapi'
import type { DrillKind } from '../core/view/drill.js'
import type {
  csmsTestBody,
  csmsTestedSchema,
  setupBody,
  setupSchema,
  stationWiringSchema,
} from './setup-schemas.js'

export type SetupView = z.infer<typeof setupSchema>
export type SetupWish = z.infer<typeof setupBody>
export type CsmsWish = z.infer<typeof csmsTestBody>
export type CsmsTested = z.infer<typeof csmsTestedSchema>
export type StationWiringView = z.infer<typeof stationWiringSchema>

export interface SetupDesk {
  view(): SetupView
  /** Durable when it settles; `changed-meanwhile` = somebody else was first. */
  put(wish: SetupWish): Promise<'kept' | 'changed-meanwhile' | 'not-written'>
  /** Dials once as this station and hangs up. Refused for a station that is connected: it would lose its link. */
  testCsms(wish: CsmsWish): Promise<CsmsTested | 'connected' | 'busy'>
  /** One at a time, and only while the site runs. */
  startDrill(
    order: { readonly kind: DrillKind; readonly about?: string | undefined },
    by: string,
  ): Promise<'started' | DrillRefusal>
  endDrill(): Promise<void>
  /** Undefined = no such station. Begun anew, or ended and what was found kept. */
  testStation(stationId: string, running: boolean, by: string): Promise<StationWiringView | undefined>
  stationWiring(stationId: string): StationWiringView | undefined
  /** What holds only after a restart. */
  needsRestart(): Promise<readonly string[]>
  restart(by: string): Promise<RestartOutcome>
}

export type DrillRefusal =
  | 'not-running'
  | 'busy'
  | 'no-such-meter'
  /** It is silent or not believed now. */
  | 'meter-not-fresh'
  /** None is configured, or it is away already. */
  | 'no-csms'
  | 'not-written'

export type RestartOutcome =
  | { readonly kind: 'restarts'; readonly inMs: number }
  /** One is due already. */
  | { readonly kind: 'restarting' }
  /** The file says something that could not run: it would end in set-up mode. */
  | { readonly kind: 'faulty'; readonly faults: number; readonly first: string }
