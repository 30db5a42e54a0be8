/**
 * The charging profiles a CSMS has installed on one station, held here and never sent there (control rule 8): answers
 * Set and Clear as a spec-true station would (OCPP 1.6 §5.5, §5.16, errata 3.24-3.26, 3.39-3.43, 3.56, 3.65). Pure
 * values: each function gives the next store. Plain JSON, persisted by the gateway. Transaction ids are the CSMS's.
 */
import type { ErrorCode } from '../answer.js'
import type { ChargingProfile } from './charging-profile.js'
import { type InstalledProfile, type StationContext, wallMsOf } from './installed.js'
import { PayloadReader } from './payload-reader.js'
import { placeFault, profileFault } from './profile-faults.js'
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
  /** Busbar's own limits of connector 1, 2, …, where the CSMS is to see them in composites (control rule 19). */
  readonly localLimitA?: readonly number[]
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

/** Longer than any ConnectionTimeOut in the field: an older remote start must not catch a later transaction. */
export const PENDING_LASTS_MS = 600_000

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
  const reason =
    placeFault(connectorId, profile, context.transactions) ?? profileFault(profile, context.limits)
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
export function install(store: ProfileStore, installed: InstalledProfile): ProfileStore {
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
