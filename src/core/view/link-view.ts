/**
 * The links of the site as people read them: CSMS, broker, and who was not let in. Each that is down says why, since
 * when and when it is tried next (design §2, row 8). Shapes and words only.
 */
import type { ControlState } from '../control/state.js'
import type {
  BootInfo,
  BrokerStatus,
  CsmsLinkStatus,
  MeterTraffic,
  MirrorStatus,
  RefusedStation,
} from '../events.js'
import { TLS_FAULTS, tlsWords } from '../security/tls-fault.js'
import type { Acknowledgement } from './alarms.js'
import type { CertificateState } from './certificate-conditions.js'
import type { CsmsLinkView, CsmsView, MqttView, RefusedStationView } from './document.js'
import type { JournalState } from './journal-conditions.js'
import { type Said, said } from './said.js'

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
export function whyCsmsAway(links: readonly CsmsLinkView[]): string | undefined {
  return sayCsmsAway(links)?.text
}

/** That with its values. */
export function sayCsmsAway(links: readonly CsmsLinkView[]): Said | undefined {
  const counts = new Map<string, number>()
  // those of a depot mostly fail alike, and words take longer than a look
  const known = new Map<string, string>()
  for (const { reason, detail } of links) {
    if (reason === undefined) continue
    const key = `${reason} ${detail}`
    const words = known.get(key) ?? wordsOf(reason, detail)
    known.set(key, words)
    counts.set(words, (counts.get(words) ?? 0) + 1)
  }
  if (counts.size === 0) return undefined
  const [first, ...others] = [...counts].sort((a, b) => b[1] - a[1]).slice(0, MAX_REASONS)
  if (first === undefined) return undefined
  if (others.length === 0) return said`${first[0]}; ${stations(first[1])}`
  return others.reduce(
    (all, [words, count]) => said`${all}, ${said`${words} at ${stations(count)}`}`,
    said`${first[0]} at ${stations(first[1])}`,
  )
}

const stations = (count: number): Said => (count === 1 ? said`1 station` : said`${count} stations`)

/** Reasons named in one text; a depot's links mostly fail for the same one. */
const MAX_REASONS = 3

/** A reason with its detail, as one text; what the network said by a code, in words. */
export function wordsOf(reason: string, detail: string | undefined): string {
  if (detail === undefined) return WORDS.get(reason) ?? reason
  const said = new Set(detail.split(/\W+/))
  const known = [...WORDS].find(([code]) => said.has(code))
  return known?.[1] ?? `${WORDS.get(reason) ?? reason} (${detail})`
}

/** Codes of the operating system, and the layers that are no word to whoever stands in front of the cabinet. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'connection refused'],
  ['ECONNRESET', 'connection cut by the other side'],
  ['ECONNABORTED', 'connection given up'],
  ['EPIPE', 'connection cut by the other side'],
  ['EHOSTUNREACH', 'no way to this address'],
  ['ENETUNREACH', 'no way to this network'],
  ['EHOSTDOWN', 'host is down'],
  ['ENETDOWN', 'own network is down'],
  ['ETIMEDOUT', 'no answer'],
  ['ENOTFOUND', 'name is not known'],
  ['EAI_AGAIN', 'name cannot be looked up, no name server answers'],
  ['closed', 'connection closed'],
  ['dns', 'name cannot be looked up'],
  ['tcp', 'no connection'],
  ['tls', 'no secure connection'],
  ['timeout', 'no answer'],
  ...TLS_FAULTS.map(fault => [`tls-${fault}`, tlsWords(fault, 'CSMS')] as const),
])

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
