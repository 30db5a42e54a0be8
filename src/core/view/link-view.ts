/**
 * The links of the site as people read them: CSMS, broker, and who was not let in. Each that is down says why, since
 * when and when it is tried next (design §2, row 8). Shapes and words only.
 */
import type { ControlState } from '../control/state.js'
import type {
  BootInfo,
  BrokerFault,
  BrokerStatus,
  CsmsLinkReason,
  CsmsLinkStatus,
  MeterTraffic,
  MirrorStatus,
  RefusedStation,
  StationRefusal,
} from '../events.js'
import { type Said, type SaidParam, say } from '../words/said.js'
import type { Acknowledgement } from './alarms.js'
import type { CertificateState } from './certificate-conditions.js'
import type { CsmsLinkView, CsmsView, MqttView, RefusedStationView } from './document.js'
import type { JournalState } from './journal-conditions.js'

/** What the edges say of themselves. */
export interface Links {
  readonly csms: { readonly url?: string; readonly waitingMessages: number }
  /** Undefined where no csms is configured. */
  csmsLink(stationId: string): CsmsLinkStatus | undefined
  /** What a station said of itself when it last booted, also to the Busbar of before; control knows only its own. */
  readonly bootOf?: (stationId: string) => BootInfo | undefined
  readonly mqtt: (BrokerStatus & { readonly url: string }) | undefined
  readonly mirrors?: readonly MirrorStatus[]
  /** Of a meter that is read. */
  readonly meterTraffic?: (meterId: string) => MeterTraffic | undefined
  /** Answers on its line that Busbar had not asked for, within ten minutes; undefined while they tell nothing. */
  readonly meterStrangers?: (meterId: string) => number | undefined
  /** Peers have sent more than may be held unanswered, within the last minute. */
  readonly isOverfull?: boolean
  /** The latest first. */
  readonly refused: readonly RefusedStation[]
  /** How long unknown stations may still connect; absent while they may not. */
  readonly learningForMs?: number | undefined
  readonly journal: JournalState
  /** What outlives a restart could not be read, or cannot be written, and why. */
  readonly stateLost?: string
  readonly stateFault?: string
  /** Passwords could not be read, and why. */
  readonly secretsLost?: string
  readonly acknowledged: readonly Acknowledgement[]
  readonly certificates: CertificateState
}

export function csmsView(state: ControlState, links: Links): CsmsView {
  const connected = [...state.stations.values()].filter(station => station.connected)
  const openLinks = connected.filter(station => station.upstream === 'open').length
  const base = { openLinks, connectedStations: connected.length, waitingMessages: links.csms.waitingMessages }
  if (links.csms.url === undefined) return { ...base, state: 'none' }
  const whole = openLinks === connected.length
  return { ...base, url: links.csms.url, state: whole ? 'connected' : openLinks > 0 ? 'partly' : 'away' }
}

export function csmsLinkView(link: CsmsLinkStatus | undefined): CsmsLinkView {
  return link === undefined || link.state === 'none'
    ? { state: 'none' }
    : { ...timed(link), state: link.state }
}

export function mqttView(mqtt: Links['mqtt']): MqttView {
  return mqtt === undefined ? { state: 'none' } : { ...timed(mqtt), state: mqtt.state, url: mqtt.url }
}

export function refusedView({ lastWallMs, ...refused }: RefusedStation): RefusedStationView {
  return { ...refused, last: iso(lastWallMs) }
}

/** "connection refused; 12 stations", "unauthorized (HTTP 401) at 3 stations, closed (code 1001) at 1 station": the most frequent first; undefined when none is known. */
export function sayCsmsAway(links: readonly CsmsLinkView[]): Said | undefined {
  // those of a depot mostly fail alike, and words take longer than a look
  const counts = new Map<string, number>()
  const known = new Map<string, Said>()
  for (const { reason, detail } of links) {
    if (reason === undefined) continue
    const key = `${reason} ${detail}`
    const said = known.get(key) ?? sayReason(reason, detail)
    known.set(key, said)
    counts.set(said.text, (counts.get(said.text) ?? 0) + 1)
  }
  if (counts.size === 0) return undefined
  const words = new Map([...known.values()].map(said => [said.text, said]))
  const [first, ...others] = [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, MAX_REASONS)
    .map(([text, count]) => ({ reason: words.get(text) ?? text, stations: stations(count) }))
  if (first === undefined) return undefined
  if (others.length === 0) return say('reason-of-stations', first)
  return others.reduce(
    (reasons, more) => say('reasons-more', { reasons, more: say('reason-at-stations', more) }),
    say('reason-at-stations', first),
  )
}

const stations = (count: number): Said => (count === 1 ? say('one-station') : say('stations', { count }))

/** Reasons named in one text; a depot's links mostly fail for the same one. */
const MAX_REASONS = 3

/** A reason with its detail; what the network said by a code, in words. */
export function sayReason(reason: LinkReason, detail: string | undefined): Said {
  const what = sayLayer(reason)
  if (detail === undefined || detail === '') return what
  return sayOfSystem(detail) ?? say('with-detail', { what, detail })
}

/** What the operating system says by a code, in words; undefined where there is no such code in it. */
export function sayOfSystem(detail: string): Said | undefined {
  const said = new Set(detail.split(/\W+/))
  const known = OF_SYSTEM.find(([code]) => said.has(code))
  return known === undefined ? undefined : say(known[1])
}

type LinkReason = CsmsLinkReason | BrokerFault

/** The layers are no word to whoever stands in front of the cabinet. */
function sayLayer(reason: LinkReason): Said {
  switch (reason) {
    case 'closed':
      return say('connection-closed')
    case 'dns':
      return say('name-not-looked-up')
    case 'tcp':
      return say('no-connection')
    case 'tls':
      return say('no-secure-connection')
    case 'timeout':
      return say('no-answer')
    case 'handshake':
    case 'unauthorized':
    case 'forbidden':
    case 'not-found':
    case 'status':
    case 'sub-protocol':
    case 'silent':
    case 'refused':
    case 'other':
      return say(`link-${reason}`)
    default:
      return say(reason, { server: 'CSMS' })
  }
}

/** Codes of the operating system. */
const OF_SYSTEM = [
  ['ECONNREFUSED', 'connection-refused'],
  ['ECONNRESET', 'connection-cut'],
  ['ECONNABORTED', 'connection-given-up'],
  ['EPIPE', 'connection-cut'],
  ['EHOSTUNREACH', 'no-way-to-address'],
  ['ENETUNREACH', 'no-way-to-network'],
  ['EHOSTDOWN', 'host-down'],
  ['ENETDOWN', 'own-network-down'],
  ['ETIMEDOUT', 'no-answer'],
  ['ENOTFOUND', 'name-unknown'],
  ['EAI_AGAIN', 'no-name-server'],
] as const

/** Why a station was not let in. */
export function sayRefusal(reason: StationRefusal): SaidParam {
  // what a handshake broke by is told by its code, as log and metric do
  return isTlsRefusal(reason) ? reason : say(`refused-${reason}`)
}

function isTlsRefusal(reason: StationRefusal): reason is Extract<StationRefusal, `tls-${string}`> {
  return reason.startsWith('tls-')
}

/** "csms.example:443" of an address; as it is where it cannot be read. */
export function hostOf(url: string): string {
  const host = /^\w+:\/\/(?:[^/?#]*@)?([^/?#]+)/.exec(url)?.[1]
  return host ?? url
}

function timed<Reason extends string>(link: {
  readonly reason?: Reason
  readonly detail?: string
  readonly sinceWallMs: number
  readonly nextTryWallMs?: number
}) {
  return {
    ...(link.reason !== undefined && { reason: link.reason }),
    ...(link.detail !== undefined && { detail: link.detail }),
    since: iso(link.sinceWallMs),
    ...(link.nextTryWallMs !== undefined && { nextTryAt: iso(link.nextTryWallMs) }),
  }
}

const iso = (wallMs: number): string => new Date(wallMs).toISOString()
