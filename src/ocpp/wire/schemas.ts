/**
 * The 39 messages of OCPP 1.6 and its security extension, and their JSON schemas (those inside the ocpp-rpc package;
 * only that data file is used). What is forwarded is checked to be counted, never to be refused (proxy rule 2).
 * Validators are compiled when first used: all of them at once would cost half a second at start.
 */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import documents from 'ocpp-rpc/lib/schemas/ocpp1_6.json' with { type: 'json' }
import type { ErrorCode } from '../../core/answer.js'
import { toWallMs } from '../../core/fields.js'

export type Direction = 'from-station' | 'from-csms' | 'both'

export type SchemaVerdict =
  | { readonly ok: true }
  | {
      readonly ok: false
      /** What a CALLERROR would say (facts: missing, wrong type, wrong value, unexpected field). */
      readonly code: ErrorCode
      /** JSON pointer into the payload; "" is the payload itself. */
      readonly path: string
      /** Never the value of a string: it may be an idTag. */
      readonly found: string
      readonly expected: string
    }

const FROM_STATION = [
  'Authorize',
  'BootNotification',
  'DiagnosticsStatusNotification',
  'FirmwareStatusNotification',
  'Heartbeat',
  'LogStatusNotification',
  'MeterValues',
  'SecurityEventNotification',
  'SignCertificate',
  'SignedFirmwareStatusNotification',
  'StartTransaction',
  'StatusNotification',
  'StopTransaction',
] as const

const FROM_CSMS = [
  'CancelReservation',
  'CertificateSigned',
  'ChangeAvailability',
  'ChangeConfiguration',
  'ClearCache',
  'ClearChargingProfile',
  'DeleteCertificate',
  'ExtendedTriggerMessage',
  'GetCompositeSchedule',
  'GetConfiguration',
  'GetDiagnostics',
  'GetInstalledCertificateIds',
  'GetLocalListVersion',
  'GetLog',
  'InstallCertificate',
  'RemoteStartTransaction',
  'RemoteStopTransaction',
  'ReserveNow',
  'Reset',
  'SendLocalList',
  'SetChargingProfile',
  'SignedUpdateFirmware',
  'TriggerMessage',
  'UnlockConnector',
  'UpdateFirmware',
] as const

/** Every action of OCPP 1.6 edition 2 (28) and of the security white paper (11), and who sends its CALL. */
export const KNOWN_ACTIONS: ReadonlyMap<string, Direction> = new Map<string, Direction>([
  ...FROM_STATION.map(action => [action, 'from-station'] as const),
  ...FROM_CSMS.map(action => [action, 'from-csms'] as const),
  ['DataTransfer', 'both'],
])

const ajv = new Ajv({ strict: false, multipleOfPrecision: 6 })
ajv.addFormat('date-time', { type: 'string', validate: isDateTime })
ajv.addFormat('uri', { type: 'string', validate: text => URL.canParse(text) })

/** Days up to the 28th: of them no calendar is asked. */
const EVERY_MONTH_HAS = /-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])$/

/** RFC 3339: a day that exists and a time with its zone, which may lack its colon. */
function isDateTime(text: string): boolean {
  const [, day] = /^(\d{4}-\d\d-\d\d)[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)$/i.exec(text) ?? []
  if (day === undefined || toWallMs(text) === undefined) return false
  return EVERY_MONTH_HAS.test(day) || new Date(`${day}T00:00:00Z`).toISOString().startsWith(day)
}

const sources: ReadonlyMap<string, object> = new Map(
  documents.map(({ $id, $schema: _, ...schema }) => [$id.replace(/^urn:/, ''), schema]),
)
const compiled = {
  req: new Map<string, ValidateFunction>(),
  conf: new Map<string, ValidateFunction>(),
}

/** Judges the payload of a CALL. An action that 1.6 does not know is `NotImplemented`. */
export function checkCall(action: string, payload: unknown): SchemaVerdict {
  return check(action, 'req', payload)
}

/** Judges the payload of a CALLRESULT to a CALL of `action`. */
export function checkResult(action: string, payload: unknown): SchemaVerdict {
  return check(action, 'conf', payload)
}

function check(action: string, part: 'req' | 'conf', payload: unknown): SchemaVerdict {
  const validate = validatorOf(action, part)
  if (validate === undefined) {
    const found = action.slice(0, 40)
    return { ok: false, code: 'NotImplemented', path: '', found, expected: 'an action of OCPP 1.6' }
  }
  if (validate(payload)) return { ok: true }
  const error = validate.errors?.[0]
  return error === undefined ? { ok: true } : verdictOn(error, payload)
}

function validatorOf(action: string, part: 'req' | 'conf'): ValidateFunction | undefined {
  const known = compiled[part].get(action)
  if (known !== undefined) return known
  const source = sources.get(`${action}.${part}`)
  if (source === undefined) return undefined
  const validate = ajv.compile(source)
  compiled[part].set(action, validate)
  return validate
}

function verdictOn(error: ErrorObject, payload: unknown): SchemaVerdict {
  return {
    ok: false,
    code: codeOf(error.keyword),
    path: error.instancePath,
    found: described(valueAt(payload, error.instancePath)),
    expected: expectedBy(error),
  }
}

/** OCPP-J 1.6 §4.2.3, table 7. */
function codeOf(keyword: string): ErrorCode {
  switch (keyword) {
    case 'required':
      return 'OccurenceConstraintViolation'
    case 'type':
      return 'TypeConstraintViolation'
    case 'additionalProperties':
      return 'FormationViolation'
    default:
      return 'PropertyConstraintViolation'
  }
}

function expectedBy(error: ErrorObject): string {
  const allowed: unknown = error.params.allowedValues
  if (Array.isArray(allowed)) return `one of ${allowed.join(', ')}`
  const extra: unknown = error.params.additionalProperty
  if (typeof extra === 'string') return `no field "${extra.slice(0, 40)}"`
  return error.message ?? error.keyword
}

function valueAt(payload: unknown, pointer: string): unknown {
  let value: unknown = payload
  for (const key of pointer.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Object.getOwnPropertyDescriptor(value, key.replaceAll('~1', '/').replaceAll('~0', '~'))?.value
  }
  return value
}

function described(value: unknown): string {
  if (typeof value === 'string') return `a string of ${value.length} characters`
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (value === null) return 'null'
  if (Array.isArray(value)) return `an array of ${value.length}`
  return typeof value === 'object' ? 'an object' : 'nothing'
}
