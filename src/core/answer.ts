/** How a CALL can end, seen from the one who sent it and from the one who answers it. No wire, no sockets. */

/** OCPP-J 1.6 error codes; the spelling is frozen by the errata. */
export type ErrorCode =
  | 'NotImplemented'
  | 'NotSupported'
  | 'InternalError'
  | 'ProtocolError'
  | 'SecurityError'
  | 'FormationViolation'
  | 'PropertyConstraintViolation'
  | 'OccurenceConstraintViolation'
  | 'TypeConstraintViolation'
  | 'GenericError'

/** What is sent back for a CALL. `payloadText` is the JSON text that goes on the wire unchanged. */
export type Answer =
  | { readonly kind: 'result'; readonly payloadText: string }
  | {
      readonly kind: 'error'
      readonly code: ErrorCode
      readonly description: string
      readonly detailsText: string
    }

/** What came of a CALL that was sent. `closed` = the connection ended first; nobody knows whether it was handled. */
export type CallOutcome = Answer | { readonly kind: 'timeout' } | { readonly kind: 'closed' }

export function result(payload: object): Answer {
  return { kind: 'result', payloadText: JSON.stringify(payload) }
}

export function callError(code: ErrorCode, description: string, details: object = {}): Answer {
  return { kind: 'error', code, description: description.slice(0, 255), detailsText: JSON.stringify(details) }
}
