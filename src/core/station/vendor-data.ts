/**
 * A station's DataTransfer while the CSMS is away (OCPP 1.6 §4.3): whether it may be kept for later, by the list in the
 * station's model file. Nothing is guessed: what is not listed is not kept.
 */
import type { VendorMessage } from '../config/station-model.js'
import { textAt } from '../fields.js'

/** True when a row names this vendor, and this message or all of them. Vendor ids are compared exactly. */
export function mayBeKept(list: readonly VendorMessage[], payload: unknown): boolean {
  const vendorId = textAt(payload, 'vendorId')
  const sent = textAt(payload, 'messageId')
  return list.some(row => row.vendorId === vendorId && (row.messageId ?? sent) === sent)
}
