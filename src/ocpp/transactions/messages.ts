/**
 * Reading and rewriting the three transaction messages: who is meant, what the station is told, what the CSMS is told
 * (proxy rules 1, 7, 15). Pure text in, text out.
 */
import { integerAt, isFields, numberAt, textAt } from '../../core/fields.js'
import type { BacklogEntry } from '../../core/offline/records.js'
import type { StartFacts, TransactionBook, TransactionRecord } from '../../core/offline/transactions.js'
import { parsePayload } from '../wire/payload.js'
import { locate, replaceAt, setKey } from '../wire/splice.js'

/** What no register shows (isRegister). */
const UNKNOWN_REGISTER = -1

/** Above any real idTag and timestamp; what is longer still goes up as it came. */
const MAX_FACT_CHARS = 255

/** Lenient: a Start that lacks fields is still a transaction (never refused for its content). */
export function startFactsOf(payload: unknown): StartFacts {
  return {
    connectorId: integerAt(payload, 'connectorId') ?? 0,
    idTag: (textAt(payload, 'idTag') ?? '').slice(0, MAX_FACT_CHARS),
    meterStartWh: numberAt(payload, 'meterStart') ?? UNKNOWN_REGISTER,
    timestamp: (textAt(payload, 'timestamp') ?? '').slice(0, MAX_FACT_CHARS),
  }
}

/** No station has more connectors: what a peer can add to the book is bounded. */
const MAX_ADOPTED_CONNECTOR = 255

/** The transaction a Stop or MeterValues is about. Adopts one that began before Busbar was there. */
export function transactionOf(
  book: TransactionBook,
  stationId: string,
  action: string,
  payload: unknown,
): TransactionRecord | undefined {
  const id = integerAt(payload, 'transactionId')
  if (id === undefined) return undefined
  const connectorId = action === 'MeterValues' ? integerAt(payload, 'connectorId') : undefined
  const known = book.resolve(stationId, id, connectorId)
  if (known !== undefined || connectorId === undefined || connectorId > MAX_ADOPTED_CONNECTOR) return known
  // another one runs there: which of the two it belongs to is not known
  if (book.openOn(stationId, connectorId) !== undefined) return undefined
  return book.adopt(stationId, { connectorId, idTag: '', meterStartWh: UNKNOWN_REGISTER, timestamp: '' }, id)
}

/** The payload as the CSMS must see it: its own transaction id, and why a refused session ended. */
export function payloadForCsms(
  entry: BacklogEntry,
  transactionId: number | undefined,
  book: TransactionBook,
): string {
  const { action, payloadText, stationId } = entry
  if (transactionId === undefined || action === 'StartTransaction') return payloadText
  const record = book.byStationId(stationId, transactionId)
  if (record === undefined) return payloadText
  const span = locate(payloadText, ['transactionId'])
  const csmsIdText = String(record.csmsId ?? -1)
  const mapped =
    span === undefined || payloadText.slice(span.start, span.end) === csmsIdText
      ? payloadText
      : replaceAt(payloadText, ['transactionId'], csmsIdText)
  return action === 'StopTransaction' && isOurStop(record, payloadText)
    ? setKey(mapped, 'reason', '"DeAuthorized"')
    : mapped
}

/** Whoever unplugs a refused session, or stops it by hand, has ended it all the same. */
function isOurStop({ refusedLate, stoppedHere }: TransactionRecord, payloadText: string): boolean {
  if (refusedLate !== true || stoppedHere !== true) return false
  const reason = textAt(parsePayload(payloadText), 'reason')
  return reason === undefined || reason === 'Remote' || reason === 'Other'
}

/** StartTransaction.conf of the CSMS with the id the station is to know. */
export function confForStation(confText: string, conf: unknown, record: TransactionRecord): string {
  // "12" is understood, and told as the number it should be
  if (isFields(conf) && conf.transactionId === record.transactionId) return confText
  return setKey(confText, 'transactionId', String(record.transactionId))
}

/** The id in a StartTransaction.conf; -1 when the CSMS gave none (errata 3.18). */
export function csmsIdIn(conf: unknown): number {
  return integerAt(conf, 'transactionId') ?? -1
}
