/**
 * Whether a part of the document has changed for whoever follows it. The time of a reading moves with every poll and
 * says nothing by itself, nor does the next time a reason is looked at: while nothing else is different, it is no news. Pure, on JSON text.
 */

/** `"readAt":"2026-11-21T12:00:10.000Z"`; inside a string the quotes would be escaped. */
const TIMES = /"(?:readAt|measuredAt|liftAt)":"[^"]*",?/g

/** The JSON text without the times of its readings: compare it, never parse it. */
export function withoutReadingTimes(json: string): string {
  return json.replace(TIMES, '')
}
