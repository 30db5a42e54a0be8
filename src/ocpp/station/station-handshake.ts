/**
 * Whether a station's upgrade request is let in, decided before any upgrade (OCPP-J 1.6 §3; white paper, A00):
 * identity 404, credentials 401, a lower profile than it has proven 403, guessing 429, sub-protocol 400. Must not know sockets
 * nor who is connected already.
 */
import type { StationRefusal } from '../../core/events.js'
import { isCertificateOf } from '../../core/security/certificate-identity.js'
import { isDowngrade, needsPassword, type SecurityProfile } from '../../core/security/security-profile.js'
import type { Clock, PeerCertificate, Secrets, UpgradeRequest } from '../../ports.js'
import type { StationPasswords, StationSecurity } from '../edge.js'
import { type RateGate, rateGate } from '../wire/rate-gate.js'
import { SUB_PROTOCOL } from '../wire/socket-rules.js'
import { isPassword, passwordFromHeader } from './basic-auth.js'
import { stationIdFromPath } from './station-id.js'

/** Wrong passwords from one address for one identity; the true station at another address is not held up. */
const MAX_FAILURES = 5
const FAILURE_WINDOW_MS = 10_000
/** Address and identity pairs remembered; the oldest is forgotten first. */
const MAX_GATES = 1024

export interface HandshakeOptions {
  readonly ports: { readonly secrets: Pick<Secrets, 'equal'>; readonly clock: Clock }
  readonly security: Pick<
    StationSecurity,
    'leastProfileOf' | 'expectedNameOf' | 'isRevoked' | 'mayBeOutOfTime' | 'upliftOf'
  >
  /** `too-many`: unknown ones may come in, but not so many. */
  admit(stationId: string, remote: string): 'known' | 'unknown' | 'too-many'
  /** This station is known to offer no sub-protocol at all (leniency "missing-subprotocol"). */
  mayOfferNone(stationId: string): boolean
  /** Raw bytes; undefined = none is set here, and the CSMS judges the credentials. */
  passwordOf(stationId: string): Uint8Array | undefined
  /** Whether one is set here is not known. */
  arePasswordsLost(): boolean
  /** A CSMS, which judges what is not judged here. */
  hasJudge(): boolean
  readonly passwords?: Pick<StationPasswords, 'next' | 'cameBack'> | undefined
  /** What this Busbar puts into `VIA` of its own dials. */
  readonly via?: string
}

/** Names each Busbar a connection has come through, so that one that leads back is known. */
export const VIA = 'busbar-via'
/** Two answers to one of these are none. */
const ONLY_ONCE = ['authorization', 'sec-websocket-key', 'host', VIA] as const
/** Cabinets nest a few deep. */
const MAX_VIA_CHARS = 400

export type HandshakeVerdict =
  | {
      readonly kind: 'admitted'
      readonly stationId: string
      /** The password or the certificate was checked here. */
      readonly authenticated: boolean
      /** It offered none, and none is to be answered. */
      readonly withoutProtocol?: true
      /** The header as it came; only where no password is set here, to be passed upstream. */
      readonly authorization?: string
      /** The Busbars it has come through. */
      readonly via?: string
    }
  | {
      readonly kind: 'refused'
      readonly status: number
      readonly reason: StationRefusal
      /** Absent where the path names none. */
      readonly stationId?: string
      readonly headers?: Readonly<Record<string, string>>
    }

/**
 * A judge with a memory of failed credentials. `profile` is that of the port: on 0 only stations with a password here need
 * credentials, on 1 and 2 everybody Basic ones, on 3 a certificate.
 */
export function stationHandshake(
  options: HandshakeOptions,
): (request: HandshakeRequest, profile: SecurityProfile) => HandshakeVerdict {
  const gates = new Map<string, RateGate>()

  return (request, profile) => {
    const stationId = stationIdFromPath(request.rawPath)
    if (stationId === undefined) return { kind: 'refused', status: 404, reason: 'wrong-path' }
    const admission = options.admit(stationId, request.remote)
    if (admission === 'unknown') return { kind: 'refused', status: 404, reason: 'unknown-station', stationId }
    if (admission === 'too-many')
      return { kind: 'refused', status: 503, reason: 'too-many-unknown', stationId }
    if (ONLY_ONCE.some(name => request.repeatedHeaders.has(name)))
      return { kind: 'refused', status: 400, reason: 'repeated-header', stationId }
    const via = request.headers[VIA]?.slice(0, MAX_VIA_CHARS)
    if (options.via !== undefined && via?.split(',').includes(options.via) === true)
      return { kind: 'refused', status: 508, reason: 'leads-back', stationId }
    if (isDowngrade(profile, options.security.leastProfileOf(stationId)))
      return { kind: 'refused', status: 403, reason: 'downgrade', stationId }
    const verdict =
      profile === 3
        ? judgeCertificate(options, stationId, request)
        : judgeCredentials(options, gates, { stationId, profile }, request)
    if (verdict.kind === 'refused') return verdict
    const offered = request.headers['sec-websocket-protocol']
    const admitted = via === undefined ? verdict : { ...verdict, via }
    if (offersOurs(offered)) return admitted
    const isLenient = offered === undefined && options.mayOfferNone(stationId)
    if (isLenient) return { ...admitted, withoutProtocol: true }
    return { kind: 'refused', status: 400, reason: 'sub-protocol', stationId }
  }
}

type HandshakeRequest = Pick<
  UpgradeRequest,
  'rawPath' | 'headers' | 'repeatedHeaders' | 'remote' | 'certificate'
>

/** Profile 3: the certificate alone says who it is; Basic credentials are the business of the CSMS (A00.FR.401-405). */
function judgeCertificate(
  { security }: HandshakeOptions,
  stationId: string,
  { certificate, headers }: HandshakeRequest,
): HandshakeVerdict {
  const refused = (reason: StationRefusal): HandshakeVerdict => ({
    kind: 'refused',
    status: 403,
    reason,
    stationId,
  })
  if (certificate === undefined) return refused('no-certificate')
  const fault = faultOf(certificate, stationId, security)
  if (fault !== undefined) return refused(`tls-${fault}`)
  if (!isCertificateOf(certificate, security.expectedNameOf(stationId)))
    return refused('certificate-of-another')
  if (security.isRevoked(certificate.sha256)) return refused('tls-revoked')
  const { authorization } = headers
  const admitted = { kind: 'admitted', stationId, authenticated: true } as const
  return authorization === undefined ? admitted : { ...admitted, authorization }
}

/** By a clock that is not right nobody is out of time (facts F18). */
function faultOf(
  { fault }: PeerCertificate,
  stationId: string,
  security: Pick<StationSecurity, 'mayBeOutOfTime'>,
): PeerCertificate['fault'] {
  const isOfTime = fault === 'expired' || fault === 'not-yet-valid'
  return isOfTime && security.mayBeOutOfTime(stationId) ? undefined : fault
}

function judgeCredentials(
  options: HandshakeOptions,
  gates: Map<string, RateGate>,
  { stationId, profile }: { readonly stationId: string; readonly profile: SecurityProfile },
  request: HandshakeRequest,
): HandshakeVerdict {
  const stored = options.passwordOf(stationId)
  const header = request.headers.authorization
  const gate = gateOf(gates, options.ports.clock, `${request.remote} ${stationId}`)
  const isShut = gate.isShut()
  const sent = passwordFromHeader(header, stationId)
  if (sent !== undefined && !isShut && isNext(options, stationId, sent))
    return { kind: 'admitted', stationId, authenticated: true }
  if (stored === undefined) {
    // the CSMS sees the cabinet's credentials and lets in whoever comes with them: it judges no lifted station
    const isLifted = options.security.upliftOf?.(stationId) !== undefined
    const mayNeedPassword = needsPassword(profile) || options.arePasswordsLost()
    if (mayNeedPassword && !options.hasJudge()) return unauthorized(stationId, 'password-unknown')
    if (needsPassword(profile) && (sent === undefined || isLifted))
      return unauthorized(stationId, 'no-password')
    const admitted = { kind: 'admitted', stationId, authenticated: false } as const
    return header === undefined || isLifted ? admitted : { ...admitted, authorization: header }
  }
  if (isShut) return { ...THROTTLED, stationId }
  if (sent !== undefined && isPassword(options.ports.secrets, stored, sent)) {
    return { kind: 'admitted', stationId, authenticated: true }
  }
  gate.pass()
  return unauthorized(stationId, header === undefined ? 'no-password' : 'wrong-password')
}

/** The first time that the station shows its new password ends the old one. */
function isNext({ passwords, ports }: HandshakeOptions, stationId: string, sent: Uint8Array): boolean {
  const next = passwords?.next(stationId)
  if (next === undefined || !isPassword(ports.secrets, next, sent)) return false
  passwords?.cameBack(stationId, sent)
  return true
}

function gateOf(gates: Map<string, RateGate>, clock: Clock, key: string): RateGate {
  const known = gates.get(key)
  if (known !== undefined) return known
  const oldest = gates.keys().next()
  if (gates.size >= MAX_GATES && oldest.done !== true) gates.delete(oldest.value)
  const gate = rateGate(clock, MAX_FAILURES, FAILURE_WINDOW_MS)
  gates.set(key, gate)
  return gate
}

function unauthorized(
  stationId: string,
  reason: 'no-password' | 'wrong-password' | 'password-unknown',
): HandshakeVerdict {
  const headers = { 'WWW-Authenticate': 'Basic realm="OCPP"' }
  return { kind: 'refused', status: 401, reason, stationId, headers }
}

const THROTTLED = {
  kind: 'refused',
  status: 429,
  reason: 'too-many-tries',
  headers: { 'Retry-After': String(FAILURE_WINDOW_MS / 1000) },
} as const

/** The token is lower case and compared exactly; anything else offered beside it does not matter. */
function offersOurs(header: string | undefined): boolean {
  return (header ?? '').split(',').some(offered => offered.trim() === SUB_PROTOCOL)
}
