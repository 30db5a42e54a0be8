/**
 * What is worth an alarm: each degraded mode by its code, what it is about, and one sentence with the numbers. It must
 * not know since when one lasts or who has noted it (`alarms.ts`).
 */

import { isVerified } from '../control/connector.js'
import type { Now } from '../control/now.js'
import type { ControlState } from '../control/state.js'
import { isThere, type StationControl } from '../control/station.js'
import { ZERO } from '../site/phases.js'
import { type Said, say } from '../words/said.js'
import type { Condition } from './alarms.js'
import { certificateConditions } from './certificate-conditions.js'
import { type CircuitLoad, round } from './circuit-load.js'
import { controlConditions } from './control-conditions.js'
import type { CsmsView, MeterView } from './document.js'
import { journalConditions } from './journal-conditions.js'
import { limitConditions } from './limits-view.js'
import { csmsLinkView, hostOf, type Links, sayCsmsAway, sayReason, sayRefusal } from './link-view.js'
import { meterConditions } from './meter-conditions.js'
import { mirrorConditions } from './mirror-view.js'

/** A dial to the CSMS over a slow line. */
const CSMS_GRACE_MS = 5_000
/** A twin that has given up is no alarm any more. */
const CONTESTED_FOR_MS = 300_000
/** A fuse that carries 1.6 times its rating blows within an hour or two (IEC 60269), and at this within minutes. */
const BLOWN = 2
/** A station that needs longer than this to be read back is worth an alarm. */
const UNVERIFIED_AFTER_MS = 60_000

/** What is not as it should be right now; `alarms.ts` makes of it since when. */
export function conditions(
  state: ControlState,
  site: {
    loads: readonly CircuitLoad[]
    meters: readonly MeterView[]
    csms: CsmsView
    links: Links
  },
  now: Now,
): readonly Condition[] {
  const found: Condition[] = []
  const { links } = site
  for (const [node, { id, circuit }] of state.tree.nodes.entries()) {
    // An estimate may be too high for a moment: then only what is surely drawn is a fault.
    const load = site.loads[node]
    const flowingA = load?.measuredSource === 'estimate' ? load.surelyA : load?.measuredA
    const most = round(Math.max(...(flowingA ?? ZERO)))
    if (most > circuit.ratedCurrentA)
      found.push({
        code: 'circuit-over-limit',
        about: id,
        ...say('circuit-over-rating', {
          circuit: id,
          carriesA: most,
          ratedA: circuit.ratedCurrentA,
          blown: most > BLOWN * circuit.ratedCurrentA ? say('fuse-would-blow') : '',
        }),
      })
  }
  found.push(...limitConditions(state, site.loads, now))
  found.push(...meterConditions(state, site.meters, links, now))
  for (const station of state.stations.values()) found.push(...stationConditions(station, links, now))
  found.push(...controlConditions(state, now))
  found.push(...contested(links, now))
  const { csms } = site
  if (csms.url !== undefined && [...state.stations.values()].some(station => lacksCsms(station, now))) {
    const connected = [...state.stations.values()].filter(station => station.connected)
    const reasons = sayCsmsAway(connected.map(station => csmsLinkView(links.csmsLink(station.id))))
    found.push({ code: 'csms-away', ...csmsText(csms, csms.url, reasons) })
  }
  if (links.mqtt?.state === 'away') found.push({ code: 'mqtt-away', ...mqttText(links.mqtt) })
  if (links.isOverfull === true)
    found.push({
      code: 'peers-overfull',
      ...say('peers-overfull'),
    })
  found.push(...mirrorConditions(links.mirrors ?? [], now.wallMs))
  found.push(...certificateConditions(links.certificates))
  found.push(...journalConditions(links.journal))
  if (links.secretsLost !== undefined)
    found.push({ code: 'secrets-lost', ...say('secrets-lost', { reason: links.secretsLost }) })
  if (links.stateLost !== undefined)
    found.push({
      code: 'state-lost',
      ...say('kept-state-lost', { reason: links.stateLost }),
    })
  if (links.stateFault !== undefined)
    found.push({
      code: 'state-failed',
      ...say('kept-state-not-written', { reason: links.stateFault }),
    })
  return found
}

/** Somebody else keeps coming under the identity of a station that is there. */
function contested({ refused }: Links, now: Now): readonly Condition[] {
  return refused.flatMap(({ stationId, reason, count, lastWallMs, remote }): readonly Condition[] => {
    const isOld = now.wallMs - lastWallMs > CONTESTED_FOR_MS
    if (reason !== 'second-connection' || stationId === undefined || count < 2 || isOld) return []
    const text = say('identity-contested', { station: stationId, count, remote })
    return [{ code: 'identity-contested', about: stationId, ...text }]
  })
}

/** Whether somebody has declared every connector of the station cut off. */
export function isIsolated({ connectors }: StationControl): boolean {
  return connectors.length > 0 && connectors.every(connector => connector.isolated)
}

/** A station that has just connected is still on its way to the CSMS. */
function lacksCsms({ changedWallMs, connected, upstream }: StationControl, now: Now): boolean {
  return connected && upstream !== 'open' && now.wallMs - changedWallMs > CSMS_GRACE_MS
}

/** "CSMS not reached at csms.example:443: connection refused; 12 stations; 34 messages are kept for it." */
function csmsText(
  { openLinks, connectedStations, waitingMessages }: CsmsView,
  url: string,
  reasons: Said | undefined,
): Said {
  const host = hostOf(url)
  const why = reasons === undefined ? '' : say('because', { why: reasons })
  const kept =
    waitingMessages === 1 ? say('one-message-kept') : say('messages-kept', { count: waitingMessages })
  return openLinks === 0
    ? say('csms-not-reached', { host, why, kept })
    : say('csms-partly-reached', { open: openLinks, stations: connectedStations, host, why, kept })
}

function mqttText({ reason, detail, url }: NonNullable<Links['mqtt']>): Said {
  const host = hostOf(url)
  if (reason === undefined) return say('broker-not-reached', { host })
  if (reason === 'refused') return say('broker-refused', { host, why: detail ?? say('no-reason-given') })
  return say('broker-not-reached-because', { host, why: sayReason(reason, detail) })
}

function stationConditions(station: StationControl, links: Links, now: Now): readonly Condition[] {
  const about = station.id
  const refused = links.refused.find(one => one.stationId === about)
  const refusal =
    refused === undefined
      ? ''
      : say('station-refusal', { reason: sayRefusal(refused.reason), remote: refused.remote })
  if (!station.connected)
    return [
      {
        code: 'station-gone',
        about,
        ...say('station-not-connected', {
          station: about,
          refusal,
          kept: say(isIsolated(station) ? 'station-isolated' : 'station-stays-booked'),
        }),
      },
    ]
  const found: Condition[] = []
  for (const { alarm, ...notice } of station.notices) {
    if (alarm !== undefined) found.push({ code: alarm, about, ...notice })
  }
  for (const connector of station.connectors) {
    const name = say('connector', { station: about, connector: connector.id })
    if (connector.disobeys && station.release === undefined)
      found.push({
        code: 'station-disobeys',
        about,
        ...say('connector-draws-more-than-offered', { connector: name }),
      })
    if (connector.refusedUntilMs !== undefined && connector.refusedUntilMs > now.monoMs) {
      found.push({ code: 'profile-refused', about, ...say('connector-refused-profile', { connector: name }) })
    }
    if (station.withoutSmartCharging)
      found.push({ code: 'profile-refused', about, ...say('station-knows-no-profiles', { station: about }) })
    else if (
      station.release === undefined &&
      !isVerified(connector) &&
      isThere(station, connector.id) &&
      now.wallMs - station.changedWallMs > UNVERIFIED_AFTER_MS
    ) {
      found.push({ code: 'station-unverified', about, ...say('profiles-not-read-back', { connector: name }) })
    }
  }
  return found
}
