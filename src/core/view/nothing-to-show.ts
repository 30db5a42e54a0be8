/**
 * What stands where there is nothing to show: in set-up mode, and where the site never could be shown since the start by a fault of
 * our own. No value, and who looks is told why.
 */
import type { AlarmView, SiteView } from './document.js'
import type { SiteWatch } from './site-view.js'

const NOWHERE = { state: 'none', openLinks: 0, connectedStations: 0, waitingMessages: 0 } as const

export function nothingSeen(wallMs: number): SiteWatch {
  const at = new Date(wallMs).toISOString()
  return { at, alarms: [], csms: NOWHERE, meters: [], loads: [], reasons: new Map() }
}

export function nothingToShow(siteId: string, wallMs: number, alarms: readonly AlarmView[]): SiteView {
  return {
    siteId,
    at: new Date(wallMs).toISOString(),
    mode: 'degraded',
    alarms,
    csms: NOWHERE,
    mqtt: { state: 'none' },
    circuits: [],
    meters: [],
    stations: [],
    retiredStations: [],
    learning: { stations: [] },
    limits: [],
    refusedStations: [],
  }
}
