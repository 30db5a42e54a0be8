/**
 * What is worth an alarm: each degraded mode by its code, what it is about, and one sentence with the numbers. It must
 * not know since when one lasts or who has noted it (`alarms.ts`).
 */

import { isVerified } from '../control/connector.js'
import type { Now } from '../control/now.js'
import type { ControlState } from '../control/state.js'
import { isThere, type StationControl } from '../control/station.js'
import { ZERO } from '../site/phases.js'
import type { Condition } from './alarms.js'
import { certificateConditions } from './certificate-conditions.js'
import { type CircuitLoad, round } from './circuit-load.js'
import { controlConditions } from './control-conditions.js'
import type { CsmsView, MeterView } from './document.js'
import { journalConditions } from './journal-conditions.js'
import { limitConditions } from './limits-view.js'
import { csmsLinkView, hostOf, type Links, sayCsmsAway, wordsOf } from './link-view.js'
import { meterConditions } from './meter-conditions.js'
import { mirrorConditions } from './mirror-view.js'
import { type Said, said } from './said.js'

/** A dial to the CSMS over a slow line. */
const CSMS_GRACE_MS = 5_000
/** A twin that has given up is no alarm any more. */
const CONTESTED_FOR_MS = 300_000
/** A fuse that carries 1.6 times its rating blows within an hour or two (IEC 60269), and at this within minutes. */
const BLOWN = 2
const BLOWN_TEXT =
  ' No fuse of this rating carries that for long: if it holds, the ratio or the scale of its meter is wrong.'
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
        ...said`${id} carries ${most} A, rated ${circuit.ratedCurrentA} A.${most > BLOWN * circuit.ratedCurrentA ? BLOWN_TEXT : ''}`,
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
      ...said`Stations and CSMS together send more than can be held until it is answered: the connections that hold most of it are closed.`,
    })
  found.push(...mirrorConditions(links.mirrors ?? [], now.wallMs))
  found.push(...certificateConditions(links.certificates))
  found.push(...journalConditions(links.journal))
  if (links.stateLost !== undefined)
    found.push({
      code: 'state-lost',
      ...said`What should outlive a restart could not be read (${links.stateLost}): isolated stations are booked again, acknowledged alarms call again.`,
    })
  if (links.stateFault !== undefined)
    found.push({
      code: 'state-failed',
      ...said`The last isolation or acknowledgement would not outlive a restart: ${links.stateFault}.`,
    })
  return found
}

/** Somebody else keeps coming under the identity of a station that is there. */
function contested({ refused }: Links, now: Now): readonly Condition[] {
  return refused.flatMap(({ stationId, reason, count, lastWallMs, remote }): readonly Condition[] => {
    const isOld = now.wallMs - lastWallMs > CONTESTED_FOR_MS
    if (reason !== 'second-connection' || stationId === undefined || count < 2 || isOld) return []
    const text = said`Two stations call themselves ${stationId}: ${count} connections from ${remote} were turned away. Give each its own identity.`
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
  const why = reasons === undefined ? '' : said`: ${reasons}`
  const kept =
    waitingMessages === 1 ? said`1 message is kept for it` : said`${waitingMessages} messages are kept for it`
  return openLinks === 0
    ? said`CSMS not reached at ${host}${why}; ${kept}.`
    : said`CSMS reached by only ${openLinks} of ${connectedStations} stations at ${host}${why}; ${kept}.`
}

function mqttText({ reason, detail, url }: NonNullable<Links['mqtt']>): Said {
  const host = hostOf(url)
  if (reason === undefined) return said`MQTT broker not reached at ${host}.`
  if (reason === 'refused')
    return said`MQTT broker at ${host} refused the connection: ${detail ?? 'no reason given'}.`
  return said`MQTT broker not reached at ${host}: ${wordsOf(reason, detail)}.`
}

function stationConditions(station: StationControl, links: Links, now: Now): readonly Condition[] {
  const about = station.id
  const refused = links.refused.find(one => one.stationId === about)
  const refusal = refused === undefined ? '' : said` (refused: ${refused.reason} from ${refused.remote})`
  if (!station.connected)
    return [
      {
        code: 'station-gone',
        about,
        ...said`${about} is not connected${refusal}; ${isIsolated(station) ? 'it is isolated, nothing is kept free for it' : 'its fail-safe or worst offer stays booked'}.`,
      },
    ]
  const found: Condition[] = []
  for (const { alarm, text } of station.notices) {
    if (alarm !== undefined) found.push({ code: alarm, about, text })
  }
  for (const connector of station.connectors) {
    const name = said`${about} connector ${connector.id}`
    if (connector.disobeys && station.release === undefined)
      found.push({ code: 'station-disobeys', about, ...said`${name} draws more than it was offered.` })
    if (connector.refusedUntilMs !== undefined && connector.refusedUntilMs > now.monoMs) {
      found.push({ code: 'profile-refused', about, ...said`${name} refused a charging profile.` })
    }
    if (station.withoutSmartCharging)
      found.push({ code: 'profile-refused', about, ...said`${about} does not know charging profiles.` })
    else if (
      station.release === undefined &&
      !isVerified(connector) &&
      isThere(station, connector.id) &&
      now.wallMs - station.changedWallMs > UNVERIFIED_AFTER_MS
    ) {
      found.push({ code: 'station-unverified', about, ...said`${name}: profiles could not be read back.` })
    }
  }
  return found
}
