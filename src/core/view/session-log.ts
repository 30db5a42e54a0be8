/**
 * What is kept of each session for whoever asks later: when it ran, what it took, what it was offered, what held it back
 * for how long, who ended it. Made of what control shows every other second; decides nothing. Tags are kept masked only.
 * Pure: codes and numbers, the words are those of `why-words.ts` and `record-words.ts`.
 */
import type { ConnectorControl } from '../control/connector.js'
import { type HeldReason, REASON_CODES, type ReasonCode } from '../control/reason.js'
import type { StationEvent, TransactionEnd } from '../events.js'
import { isFields, listAt, numberAt, textAt } from '../fields.js'
import { PHASE_NAMES, type PhaseName } from '../site/phases.js'

/** One cause that held a session back, and for how long it was the narrowest. */
export interface HeldBack {
  readonly code: ReasonCode
  readonly circuitId?: string
  readonly phase?: PhaseName
  /** The meter it is about. */
  readonly about?: string
  readonly seconds: number
}

/** `unknown`: it ended without a word, or while Busbar was not there. */
export const ENDERS = ['driver', 'station', 'csms', 'operator', 'busbar', 'unknown'] as const
export type Ender = (typeof ENDERS)[number]

export interface SessionEntry {
  readonly stationId: string
  readonly connectorId: number
  readonly transactionId: number
  /** The circuit the station hung on when it began. */
  readonly circuitId: string
  /** Masked; empty where nobody has shown one. */
  readonly tag: string
  readonly startedWallMs: number
  /** Nobody has seen it begin: `startedWallMs` is when it was found. */
  readonly isAdopted: boolean
  /** Absent while it runs. */
  readonly endedWallMs?: number
  readonly energyWh: number
  /** Of `energyWh`, put down to a day already. */
  readonly countedWh: number
  /** Told to the station since it was first offered anything; seconds in which Busbar saw it. */
  readonly offeredS: number
  readonly offeredAs: number
  readonly lowestOfferA?: number
  readonly heldBack: readonly HeldBack[]
  readonly endedBy?: Ender
  /** As the station has said it. */
  readonly reason?: string
}

type Started = StationEvent & { readonly kind: 'transaction-started' }
type Stopped = StationEvent & { readonly kind: 'transaction-stopped' }

/** Causes kept of one session; the shortest gives way. */
const MAX_CAUSES = 8
/** Nothing holds it back, or there is no session to hold back. */
const NO_CAUSE: readonly ReasonCode[] = ['connector', 'no car', 'no session', 'starting']

/** The last characters, as a person tells two cards apart; never more than half of the tag. */
export function maskedTag(idTag: string): string {
  if (idTag === '') return ''
  return `…${idTag.slice(-Math.min(4, Math.floor(idTag.length / 2)) || idTag.length)}`
}

export function sessionBegun(event: Started, circuitId: string): SessionEntry {
  const { stationId, connectorId, transactionId, idTag, startedWallMs } = event
  return {
    ...{ stationId, connectorId, transactionId, circuitId, startedWallMs, tag: maskedTag(idTag) },
    isAdopted: event.adopted === true,
    ...{ energyWh: 0, countedWh: 0, offeredS: 0, offeredAs: 0, heldBack: [] },
  }
}

/** After `seconds` in which control showed this. */
export function sessionSeen(
  entry: SessionEntry,
  seen: Pick<ConnectorControl, 'transaction' | 'offerA' | 'everOffered'>,
  reasons: readonly HeldReason[],
  seconds: number,
): SessionEntry {
  if (seen.transaction?.id !== entry.transactionId) return entry
  const energyWh = Math.max(entry.energyWh, Math.round(seen.transaction.energy.leastWh))
  const heldBack = withCause(entry.heldBack, reasons.at(-1), seconds)
  if (!seen.everOffered) return { ...entry, energyWh, heldBack }
  return {
    ...entry,
    energyWh,
    heldBack,
    offeredS: entry.offeredS + seconds,
    offeredAs: entry.offeredAs + seen.offerA * seconds,
    lowestOfferA: Math.min(entry.lowestOfferA ?? seen.offerA, seen.offerA),
  }
}

function withCause(
  before: readonly HeldBack[],
  reason: HeldReason | undefined,
  seconds: number,
): readonly HeldBack[] {
  if (reason === undefined || NO_CAUSE.includes(reason.code)) return before
  const { code, circuitId, phase, about } = reason
  const at = before.findIndex(
    one => one.code === code && one.circuitId === circuitId && one.phase === phase && one.about === about,
  )
  if (at >= 0) return before.map((one, index) => (index === at ? addTo(one, seconds) : one))
  const cause = {
    ...{ code, seconds },
    ...(circuitId !== undefined && { circuitId }),
    ...(phase !== undefined && { phase }),
    ...(about !== undefined && { about }),
  }
  return longestFirst([...before, cause]).slice(0, MAX_CAUSES)
}

const addTo = (one: HeldBack, seconds: number): HeldBack => ({ ...one, seconds: one.seconds + seconds })
const longestFirst = (causes: readonly HeldBack[]): HeldBack[] =>
  [...causes].sort((a, b) => b.seconds - a.seconds)

/** `byOperator`: somebody here has just asked the station to stop it. */
export function sessionEnded(
  entry: SessionEntry,
  event: Stopped,
  at: { readonly wallMs: number; readonly energyWh: number; readonly byOperator?: boolean },
): SessionEntry {
  const { stopped } = event
  const saidMs = stopped?.wallMs
  const isSane = saidMs !== undefined && saidMs >= entry.startedWallMs && saidMs <= at.wallMs
  return {
    ...entry,
    energyWh: Math.max(entry.energyWh, Math.round(stopped?.energyWh ?? at.energyWh)),
    endedWallMs: isSane ? saidMs : at.wallMs,
    heldBack: longestFirst(entry.heldBack),
    endedBy: stopped === undefined ? 'unknown' : enderOf(stopped, at.byOperator === true),
    ...(stopped?.reason !== undefined && { reason: stopped.reason }),
  }
}

/** Nobody has told its end. */
export function sessionLost(entry: SessionEntry, wallMs: number): SessionEntry {
  return { ...entry, endedWallMs: Math.max(entry.startedWallMs, wallMs), endedBy: 'unknown' }
}

/** OCPP 1.6 §7.36; a Stop without a reason is Local (§6.49). */
function enderOf({ reason, byBusbar }: TransactionEnd, byOperator: boolean): Ender {
  switch (reason) {
    case undefined:
    case 'Local':
    case 'EVDisconnected':
      return 'driver'
    case 'Remote':
      return byOperator ? 'operator' : byBusbar === true ? 'busbar' : 'csms'
    case 'DeAuthorized':
      return byBusbar === true ? 'busbar' : 'csms'
    default:
      return 'station'
  }
}

export function averageOfferA({ offeredS, offeredAs }: SessionEntry): number | undefined {
  return offeredS === 0 ? undefined : Math.round((offeredAs / offeredS) * 10) / 10
}

/** Undefined for what is no entry of ours. */
export function decodeSession(value: unknown): SessionEntry | undefined {
  if (!isFields(value)) return undefined
  const texts = ['stationId', 'circuitId', 'tag'].map(name => textAt(value, name))
  const amounts = [
    ...['connectorId', 'transactionId', 'startedWallMs', 'energyWh'],
    ...['countedWh', 'offeredS', 'offeredAs'],
  ].map(name => numberAt(value, name))
  const [stationId, circuitId, tag] = texts
  const [connectorId, transactionId, startedWallMs, energyWh, countedWh, offeredS, offeredAs] = amounts
  if (stationId === undefined || circuitId === undefined || tag === undefined) return undefined
  if (connectorId === undefined || transactionId === undefined || startedWallMs === undefined)
    return undefined
  if (energyWh === undefined || countedWh === undefined) return undefined
  if (offeredS === undefined || offeredAs === undefined) return undefined
  const endedWallMs = numberAt(value, 'endedWallMs')
  const lowestOfferA = numberAt(value, 'lowestOfferA')
  const endedBy = ENDERS.find(known => known === value.endedBy)
  const reason = textAt(value, 'reason')
  return {
    ...{ stationId, circuitId, tag, connectorId, transactionId, startedWallMs, energyWh, countedWh },
    ...{ offeredS, offeredAs, isAdopted: value.isAdopted === true },
    heldBack: listAt(value, 'heldBack').flatMap(causeOf),
    ...(endedWallMs !== undefined && { endedWallMs }),
    ...(lowestOfferA !== undefined && { lowestOfferA }),
    ...(endedBy !== undefined && { endedBy }),
    ...(reason !== undefined && { reason }),
  }
}

function causeOf(value: unknown): readonly HeldBack[] {
  const code = REASON_CODES.find(known => known === textAt(value, 'code'))
  const seconds = numberAt(value, 'seconds')
  if (code === undefined || seconds === undefined) return []
  const circuitId = textAt(value, 'circuitId')
  const phase = PHASE_NAMES.find(known => known === textAt(value, 'phase'))
  const about = textAt(value, 'about')
  return [
    {
      ...{ code, seconds },
      ...(circuitId !== undefined && { circuitId }),
      ...(phase !== undefined && { phase }),
      ...(about !== undefined && { about }),
    },
  ]
}
