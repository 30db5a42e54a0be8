/**
 * The charging profiles a CSMS has installed on one station, held here and never sent there (control rule 8): answers
 * Set and Clear as a spec-true station would (OCPP 1.6 §5.5, §5.16, errata 3.24-3.26, 3.39-3.43, 3.56, 3.65). Pure
 * values: each function gives the next store. Plain JSON, persisted by the gateway. Transaction ids are the CSMS's.
 */
import type { ErrorCode } from '../answer.js'
import type { ChargingProfile } from '../charging-profile.js'
import { type InstalledProfile, type StationContext, wallMsOf } from './installed.js'
import { PayloadReader } from './payload-reader.js'
import {
  type ClearChargingProfileRequest,
  readChargingProfile,
  type SetChargingProfileRequest,
} from './profile-requests.js'

export interface ProfileStore {
  readonly profiles: readonly InstalledProfile[]
  /** Profiles of RemoteStartTransactions whose transaction has not started yet. */
  readonly pendingRemoteStarts: readonly PendingRemoteStart[]
}

export interface PendingRemoteStart {
  readonly idTag: string
  /** Undefined: whichever connector the idTag is used on. */
  readonly connectorId?: number
  readonly profile: ChargingProfile
  readonly offeredWallMs: number
}

/** The station's context with the moment of the request. */
export interface StoreContext extends StationContext {
  readonly nowWallMs: number
}

export type SetOutcome =
  | { readonly kind: 'answered'; readonly store: ProfileStore; readonly status: 'Accepted' }
  | {
      readonly kind: 'answered'
      readonly store: ProfileStore
      readonly status: 'Rejected'
      readonly reason: string
    }
  | { readonly kind: 'error'; readonly error: ErrorCode; readonly description: string }

export const EMPTY_STORE: ProfileStore = { profiles: [], pendingRemoteStarts: [] }

/** A station has few connectors; more waiting remote starts than this are a CSMS gone wrong. The oldest go. */
const MAX_PENDING = 16
/** Longer than any ConnectionTimeOut in the field: an older remote start must not catch a later transaction. */
const PENDING_LASTS_MS = 600_000

export function setProfile(
  store: ProfileStore,
  request: SetChargingProfileRequest,
  context: StoreContext,
): SetOutcome {
  const { connectorId, csChargingProfiles: profile } = request
  if (connectorId > context.connectorCount) {
    const description = `connectorId ${connectorId} of ${context.connectorCount}`
    return { kind: 'error', error: 'PropertyConstraintViolation', description }
  }
  const reason = placeFault(connectorId, profile, context) ?? profileFault(profile, context)
  if (reason !== undefined) return { kind: 'answered', store, status: 'Rejected', reason }
  const running = context.transactions.find(transaction => transaction.connectorId === connectorId)
  const owned =
    profile.chargingProfilePurpose === 'TxProfile' && running !== undefined
      ? { ...profile, transactionId: running.transactionId }
      : profile
  const next = install(store, { connectorId, profile: owned, receivedWallMs: context.nowWallMs })
  const kept = next.profiles.length > context.limits.maxProfiles ? purge(next, context.nowWallMs) : next
  if (kept.profiles.length > context.limits.maxProfiles) {
    const full = `more than ${context.limits.maxProfiles} profiles`
    return { kind: 'answered', store, status: 'Rejected', reason: full }
  }
  return { kind: 'answered', store: kept, status: 'Accepted' }
}

export function clearProfiles(
  store: ProfileStore,
  request: ClearChargingProfileRequest,
): { readonly store: ProfileStore; readonly status: 'Accepted' | 'Unknown' } {
  const profiles = store.profiles.filter(installed => !isMeant(installed, request))
  if (profiles.length === store.profiles.length) return { store, status: 'Unknown' }
  return { store: { ...store, profiles }, status: 'Accepted' }
}

function isMeant({ connectorId, profile }: InstalledProfile, request: ClearChargingProfileRequest): boolean {
  if (request.id !== undefined) return profile.chargingProfileId === request.id
  return (
    (request.connectorId ?? connectorId) === connectorId &&
    (request.chargingProfilePurpose ?? profile.chargingProfilePurpose) === profile.chargingProfilePurpose &&
    (request.stackLevel ?? profile.stackLevel) === profile.stackLevel
  )
}

/** Keeps the profile of a RemoteStartTransaction until its transaction starts; refused = answer Rejected, forward nothing. */
export function offerRemoteStart(
  store: ProfileStore,
  start: {
    readonly idTag: string
    readonly connectorId: number | undefined
    readonly profile: ChargingProfile
  },
  context: StoreContext,
):
  | { readonly kind: 'kept'; readonly store: ProfileStore }
  | { readonly kind: 'refused'; readonly reason: string } {
  const { idTag, connectorId, profile } = start
  if (profile.chargingProfilePurpose !== 'TxProfile')
    return { kind: 'refused', reason: 'purpose is not TxProfile' }
  if (profile.transactionId !== undefined) return { kind: 'refused', reason: 'transactionId is given' }
  if (connectorId !== undefined && (connectorId < 1 || connectorId > context.connectorCount))
    return { kind: 'refused', reason: `connectorId ${connectorId} of ${context.connectorCount}` }
  const reason = profileFault(profile, context)
  if (reason !== undefined) return { kind: 'refused', reason }
  const others = dropRemoteStart(store, { idTag, connectorId }).pendingRemoteStarts
  const pending: PendingRemoteStart = {
    idTag,
    ...(connectorId === undefined ? {} : { connectorId }),
    profile,
    offeredWallMs: context.nowWallMs,
  }
  return { kind: 'kept', store: { ...store, pendingRemoteStarts: [...others, pending].slice(-MAX_PENDING) } }
}

/** The station rejected the remote start, or nobody plugged in within its ConnectionTimeOut. */
export function dropRemoteStart(
  store: ProfileStore,
  start: { readonly idTag: string; readonly connectorId: number | undefined },
): ProfileStore {
  const pendingRemoteStarts = store.pendingRemoteStarts.filter(
    pending => !(sameTag(pending.idTag, start.idTag) && pending.connectorId === start.connectorId),
  )
  return { ...store, pendingRemoteStarts }
}

/**
 * Installs the profile that waited for this idTag (and connector), if any, as a TxProfile of the transaction. TxProfiles
 * of an earlier transaction on that connector end: its StopTransaction may never have come.
 */
export function transactionStarted(
  store: ProfileStore,
  started: {
    readonly connectorId: number
    readonly transactionId: number
    readonly idTag: string
    readonly wallMs: number
  },
): ProfileStore {
  const { connectorId, transactionId } = started
  const found = store.pendingRemoteStarts.findLast(
    pending =>
      sameTag(pending.idTag, started.idTag) &&
      (pending.connectorId ?? connectorId) === connectorId &&
      started.wallMs - pending.offeredWallMs < PENDING_LASTS_MS,
  )
  const rest: ProfileStore = {
    profiles: store.profiles.filter(
      installed =>
        installed.connectorId !== connectorId ||
        installed.profile.chargingProfilePurpose !== 'TxProfile' ||
        installed.profile.transactionId === transactionId,
    ),
    pendingRemoteStarts: store.pendingRemoteStarts.filter(pending => pending !== found),
  }
  if (found === undefined) return rest
  const profile = { ...found.profile, transactionId }
  return install(rest, { connectorId, profile, receivedWallMs: found.offeredWallMs })
}

/** A TxProfile ends with its transaction (OCPP 1.6 §3.13.1). */
export function transactionStopped(
  store: ProfileStore,
  stopped: { readonly transactionId: number },
): ProfileStore {
  const profiles = store.profiles.filter(
    ({ profile }) =>
      profile.chargingProfilePurpose !== 'TxProfile' || profile.transactionId !== stopped.transactionId,
  )
  return profiles.length === store.profiles.length ? store : { ...store, profiles }
}

/** Forgets profiles that are no longer valid and remote starts that came to nothing. Needs a wall clock that is right. */
export function purge(store: ProfileStore, nowWallMs: number): ProfileStore {
  return {
    profiles: store.profiles.filter(({ profile }) => {
      const toMs = profile.validTo === undefined ? undefined : wallMsOf(profile.validTo)
      return toMs === undefined || toMs > nowWallMs
    }),
    pendingRemoteStarts: store.pendingRemoteStarts.filter(
      pending => nowWallMs - pending.offeredWallMs < PENDING_LASTS_MS,
    ),
  }
}

/** A store as it was saved; undefined when the document is none. */
export function loadStore(document: unknown): ProfileStore | undefined {
  const reader = new PayloadReader(document, 'store')
  const store: ProfileStore = {
    profiles: reader.array('profiles', item => ({
      connectorId: item.integer('connectorId', { min: 0 }),
      profile: item.object('profile', readChargingProfile),
      receivedWallMs: item.number('receivedWallMs'),
    })),
    pendingRemoteStarts: reader.array('pendingRemoteStarts', item => {
      const connectorId = item.optionalInteger('connectorId', { min: 1 })
      return {
        idTag: item.text('idTag'),
        ...(connectorId === undefined ? {} : { connectorId }),
        profile: item.object('profile', readChargingProfile),
        offeredWallMs: item.number('offeredWallMs'),
      }
    }),
  }
  return reader.fault === undefined ? store : undefined
}

/** Same id anywhere, or same purpose and level on the same connector, is replaced at once (OCPP 1.6 §5.16.2). */
function install(store: ProfileStore, installed: InstalledProfile): ProfileStore {
  const { profile, connectorId } = installed
  const others = store.profiles.filter(
    other =>
      other.profile.chargingProfileId !== profile.chargingProfileId &&
      !(
        other.connectorId === connectorId &&
        other.profile.chargingProfilePurpose === profile.chargingProfilePurpose &&
        other.profile.stackLevel === profile.stackLevel
      ),
  )
  return { ...store, profiles: [...others, installed] }
}

/** Why a profile cannot be on this connector. */
function placeFault(
  connectorId: number,
  profile: ChargingProfile,
  context: StoreContext,
): string | undefined {
  switch (profile.chargingProfilePurpose) {
    case 'ChargePointMaxProfile':
      return connectorId === 0 ? undefined : 'ChargePointMaxProfile only on connector 0'
    case 'TxDefaultProfile':
      return undefined
    case 'TxProfile': {
      if (connectorId === 0) return 'TxProfile not on connector 0'
      const running = context.transactions.find(transaction => transaction.connectorId === connectorId)
      if (running === undefined) return `no transaction on connector ${connectorId}`
      if ((profile.transactionId ?? running.transactionId) !== running.transactionId)
        return 'transactionId is not the running one'
      return undefined
    }
  }
}

/** Why a station of this model takes no such profile, wherever it is meant to go. */
function profileFault(profile: ChargingProfile, { limits }: StoreContext): string | undefined {
  const { chargingSchedule: schedule, chargingProfileKind: kind, validFrom, validTo } = profile
  const periods = schedule.chargingSchedulePeriod
  if (profile.stackLevel > limits.maxStackLevel) return `stackLevel above ${limits.maxStackLevel}`
  if (!limits.rateUnits.includes(schedule.chargingRateUnit)) return `unit ${schedule.chargingRateUnit}`
  if (periods.length > limits.maxPeriods) return `more than ${limits.maxPeriods} periods`
  if (periods[0]?.startPeriod !== 0) return 'the first period does not start at 0'
  if (periods.some((period, i) => i > 0 && period.startPeriod <= (periods[i - 1]?.startPeriod ?? 0)))
    return 'periods are not in ascending order'
  if (kind !== 'Recurring' && profile.recurrencyKind !== undefined)
    return 'recurrencyKind only with Recurring'
  if (kind === 'Recurring' && profile.recurrencyKind === undefined) return 'Recurring without recurrencyKind'
  if (kind === 'Recurring' && schedule.startSchedule === undefined) return 'Recurring without startSchedule'
  if (
    validFrom !== undefined &&
    validTo !== undefined &&
    (wallMsOf(validTo) ?? 0) <= (wallMsOf(validFrom) ?? 0)
  )
    return 'validTo is not after validFrom'
  return undefined
}

/** An idTag is a CiString: case does not count. */
function sameTag(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
