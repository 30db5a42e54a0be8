/**
 * CALLERROR codes as OCPP-J 1.6 spells them (the errata froze the spelling, "Occurence" included), and what peers
 * write instead. A code that a station does not know makes some of them repeat the same message for ever.
 */
import type { ErrorCode } from '../../core/answer.js'

const CODES: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ['NotImplemented', 'NotImplemented'],
  ['NotSupported', 'NotSupported'],
  ['InternalError', 'InternalError'],
  ['ProtocolError', 'ProtocolError'],
  ['SecurityError', 'SecurityError'],
  ['FormationViolation', 'FormationViolation'],
  ['PropertyConstraintViolation', 'PropertyConstraintViolation'],
  ['OccurenceConstraintViolation', 'OccurenceConstraintViolation'],
  ['TypeConstraintViolation', 'TypeConstraintViolation'],
  ['GenericError', 'GenericError'],
  // OCPP 2.x spellings that 1.6 peers send too
  ['FormatViolation', 'FormationViolation'],
  ['OccurrenceConstraintViolation', 'OccurenceConstraintViolation'],
  ['RpcFrameworkError', 'ProtocolError'],
  ['MessageTypeNotSupported', 'GenericError'],
])

/** The 1.6 code for what a peer wrote; `GenericError` for anything else. */
export function toErrorCode(written: string): ErrorCode {
  return CODES.get(written) ?? 'GenericError'
}
