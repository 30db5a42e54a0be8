/**
 * Profiles that belong to a transaction: from the RemoteStartTransaction that brings one (control rule 8: it is cut out
 * of the message and kept here), over the StartTransaction that binds it, to the end of the transaction that ends it.
 * OCPP 1.6 §3.13.1, errata 3.41-3.42.
 */
import { asciiUpper } from '../fields.js'
import type { ChargingProfile } from './charging-profile.js'
import { profileFault } from './profile-faults.js'
import {
  install,
  PENDING_LASTS_MS,
  type PendingRemoteStart,
  type ProfileStore,
  type StoreContext,
} from './profile-store.js'

/** A station has few connectors; more waiting remote starts than this are a CSMS gone wrong. The oldest go. */
const MAX_PENDING = 16

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
  const reason = profileFault(profile, context.limits)
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

/** An idTag is a CiString: the case of ASCII letters does not count, and nothing else is equal. */
function sameTag(a: string, b: string): boolean {
  return asciiUpper(a) === asciiUpper(b)
}
