/**
 * Which MeterValues may be given up when too much waits: periodic ones, every second of the oldest, so that the curve
 * of a session stays; never signed ones, never the values at its beginning and end (I9; proxy rule 14). Pure.
 */
import { listAt, textAt } from '../fields.js'

/** What a station sends by the clock; no context means Sample.Periodic (OCPP 1.6 §7.43). */
const PERIODIC: readonly (string | undefined)[] = [undefined, 'Sample.Periodic', 'Sample.Clock']

/** Whether a message may be shed at all. What is not understood is not periodic. */
export function mayBeShed(action: string, payload: unknown): boolean {
  if (action !== 'MeterValues') return false
  const values = listAt(payload, 'meterValue').flatMap(one => listAt(one, 'sampledValue'))
  return (
    values.length > 0 &&
    values.every(
      value => textAt(value, 'format') !== 'SignedData' && PERIODIC.includes(textAt(value, 'context')),
    )
  )
}

/** Of messages in order those to give up: every second that may be, the oldest first. */
export function everySecond<T>(
  messages: readonly T[],
  judge: (message: T) => { readonly action: string; readonly payload: unknown },
): readonly T[] {
  let isSecond = false
  return messages.filter(message => {
    const { action, payload } = judge(message)
    if (!mayBeShed(action, payload)) return false
    isSecond = !isSecond
    return isSecond
  })
}
