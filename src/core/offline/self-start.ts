/**
 * When Busbar starts a session by itself while the CSMS is away: free-vend for a car that is plugged in and shows no tag
 * (AlwaysAllowOfflineTransactions; proxy rule 11), and a session that a power cut ended (AllowChargeAfterBrownOut; proxy rule
 * 12; seed 001, 4.4.1, 4.4.5). Per connector; the caller sends, and asks again before it does. Pure.
 */
import type { ConnectorStatus } from '../events.js'
import type { OfflinePolicy } from './authorization.js'

/** A CSMS that is gone for less may be back before the driver has found a card. */
export const FREE_VEND_AFTER_AWAY_MS = 60_000
/** A driver with a card shows it within this; a car with an identity tells it. */
export const FREE_VEND_AFTER_TAG_MS = 15_000
/** A station that resumes by itself has done so by then. */
export const RESUME_AFTER_MS = 30_000
/** Over this the resumed sessions of a site are spread. */
export const RESUME_SPREAD_MS = 60_000
/** Later the car that is plugged in may be another's. */
export const LONGEST_CUT_MS = 7_200_000

/** What is known of one connector since a car came. */
export interface PlugIn {
  /** Nobody was plugged in, or only since: what comes next is a car of now. */
  readonly isFresh: boolean
  readonly preparingSinceMs?: number
  /** The session that a power cut ended, and by how much its resumption is put off. */
  readonly lost?: { readonly idTag: string; readonly atMs: number; readonly spreadMs: number }
}

export type PlugNews =
  | { readonly kind: 'status'; readonly status: ConnectorStatus; readonly nowMs: number }
  /** A session has begun, or Busbar has asked for one: there is none by itself in this plug-in any more. */
  | { readonly kind: 'used' }
  | { readonly kind: 'lost'; readonly idTag: string; readonly atMs: number; readonly spreadMs: number }

/** Of a connector nobody has spoken of yet: who is plugged in may have charged already. */
export const UNKNOWN_PLUG: PlugIn = { isFresh: false }

export function plugged(before: PlugIn, news: PlugNews): PlugIn {
  switch (news.kind) {
    case 'used':
      return { isFresh: false, ...since(before) }
    case 'lost': {
      const { idTag, atMs, spreadMs } = news
      return { isFresh: false, ...since(before), lost: { idTag, atMs, spreadMs } }
    }
    case 'status':
      return withStatus(before, news.status, news.nowMs)
  }
}

const since = ({ preparingSinceMs }: PlugIn): Pick<PlugIn, 'preparingSinceMs'> =>
  preparingSinceMs === undefined ? {} : { preparingSinceMs }

function withStatus(before: PlugIn, status: ConnectorStatus, nowMs: number): PlugIn {
  const { isFresh, lost, preparingSinceMs = nowMs } = before
  const kept = lost === undefined ? {} : { lost }
  switch (status) {
    case 'Available':
    case 'Reserved':
      return { isFresh: true }
    case 'Preparing':
      return { isFresh, preparingSinceMs, ...kept }
    case 'Faulted':
    case 'Unavailable':
      return { isFresh, ...kept }
    case 'Charging':
    case 'SuspendedEV':
    case 'SuspendedEVSE':
    case 'Finishing':
      return { isFresh: false, ...kept }
  }
}

export interface SelfStartSite {
  readonly policy: OfflinePolicy
  /** Undefined: the CSMS is there. */
  readonly awaySinceMs: number | undefined
  /** The last tag that was shown at the station, at whichever connector. */
  readonly tagShownMs: number
  /** The station has told its keys, and AllowChargeAfterBrownOut is none of them. */
  readonly lacksBrownOutKey: boolean
}

/** The session to be asked for, and from when on; undefined = none, whatever time passes. */
export function selfStart(
  plug: PlugIn,
  { policy, awaySinceMs, tagShownMs, lacksBrownOutKey }: SelfStartSite,
): { readonly atMs: number; readonly idTag: string; readonly why: 'free-vend' | 'brown-out' } | undefined {
  const { isFresh, lost, preparingSinceMs } = plug
  if (awaySinceMs === undefined || preparingSinceMs === undefined) return undefined
  if (lost !== undefined && policy.afterBrownOut && lacksBrownOutKey) {
    const isSoon = preparingSinceMs - lost.atMs <= LONGEST_CUT_MS
    const atMs = preparingSinceMs + RESUME_AFTER_MS + lost.spreadMs
    return isSoon ? { atMs, idTag: lost.idTag, why: 'brown-out' } : undefined
  }
  if (!isFresh || !policy.alwaysAllow || policy.alwaysAllowIdTag === undefined) return undefined
  const quietMs = Math.max(preparingSinceMs, tagShownMs) + FREE_VEND_AFTER_TAG_MS
  const atMs = Math.max(awaySinceMs + FREE_VEND_AFTER_AWAY_MS, quietMs)
  return { atMs, idTag: policy.alwaysAllowIdTag, why: 'free-vend' }
}
