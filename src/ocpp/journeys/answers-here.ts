/**
 * What a station is told while the CSMS is away, for everything but transaction messages: the last column of
 * `policy/from-station` carried out (facts/ocpp16.md §4.3, messages in gateway-local mode).
 */
import { type Answer, callError, result } from '../../core/answer.js'
import { textAt } from '../../core/fields.js'
import type { FromStationRow } from '../../core/policy/from-station.js'
import type { SessionParts } from '../session-parts.js'
import { isoTime } from '../wire/payload.js'
import { checkCall, KNOWN_ACTIONS } from '../wire/schemas.js'
import type { Boot } from './boot.js'

export interface StationMessage {
  readonly action: string
  readonly payloadText: string
  readonly payload: unknown
  /** Undefined: an action nobody here knows. */
  readonly row: FromStationRow | undefined
}

export interface Judges {
  readonly boot: Boot
  /** A session that begins now could be kept (proxy rule 14). */
  readonly mayBegin: boolean
}

/** Of what a station names itself. */
const MAX_LOGGED_CHARS = 50

/**
 * The answer, and what is to be remembered with it. A CALL that does not fit is refused here, where nobody behind
 * Busbar could judge it (facts/ocpp16.md §1.5); transaction messages never come this way (proxy rule 2).
 */
export function answerHere(parts: SessionParts, { boot, mayBegin }: Judges, message: StationMessage): Answer {
  if (message.row === undefined) {
    return KNOWN_ACTIONS.has(message.action)
      ? callError('NotSupported', 'an action that only a CSMS sends')
      : callError('NotImplemented', 'unknown action')
  }
  const verdict = checkCall(message.action, message.payload)
  if (!verdict.ok)
    return callError(verdict.code, `${verdict.path}: found ${verdict.found}, expected ${verdict.expected}`)
  switch (message.row.away) {
    case 'boot':
      return boot.answerHere(message)
    case 'own-clock':
      return result({ currentTime: isoTime(parts.ports.clock.wallMs()) })
    case 'authorize':
      return result({
        idTagInfo: idTagInfo(parts, boot.isUnwelcome || !mayBegin, textAt(message.payload, 'idTag') ?? ''),
      })
    case 'keep-last':
      parts.remembered.keepLast(message.action, message.payloadText)
      return result({})
    case 'queue':
    case 'keep-status':
      return result({})
    case 'vendor-data':
      return vendorData(parts, message.payload)
    case 'reject':
      return result({ status: 'Rejected' })
  }
}

/** Where Busbar is the Central System it knows no vendor; else the CSMS may know it, and is not there to be asked. */
function vendorData({ ports, stationId, upstream }: SessionParts, payload: unknown): Answer {
  if (upstream.state === 'none') return result({ status: 'UnknownVendorId' })
  ports.log.write('warn', 'data-transfer-refused', {
    station: stationId,
    vendorId: textAt(payload, 'vendorId')?.slice(0, MAX_LOGGED_CHARS),
    messageId: textAt(payload, 'messageId')?.slice(0, MAX_LOGGED_CHARS),
    why: 'the CSMS is away, and the model file does not list it under offlineDataTransfer or no more can be kept',
  })
  return result({ status: 'Rejected' })
}

function idTagInfo({ remembered, ports }: SessionParts, isClosed: boolean, idTag: string): object {
  if (isClosed) return { status: 'Invalid' }
  const { status, parentIdTag } = {
    parentIdTag: undefined,
    ...remembered.tags.verdict(idTag, ports.clock.wallMs()),
  }
  return parentIdTag === undefined ? { status } : { status, parentIdTag }
}
