/**
 * Who else speaks on a meter's line: answers that nobody here had asked for, and that are not the late ones of a request of
 * ours. A few within ten minutes are a second master, or two devices under one address (issue "Any meter"). Pure.
 */

const WINDOW_MS = 600_000
/** One may be noise of a line that was plugged in. */
const FEW = 3
/** Taken once a minute. */
const MARKS_KEPT = 12

export interface StrangerMark {
  readonly monoMs: number
  /** Answers nobody asked for, since the start. */
  readonly strangers: number
}

/** The marks with one more; a counter that began anew begins anew. */
export function markStrangers(marks: readonly StrangerMark[], mark: StrangerMark): readonly StrangerMark[] {
  const isAnew = mark.strangers < (marks.at(-1)?.strangers ?? 0)
  const kept = isAnew ? [] : marks.filter(({ monoMs }) => mark.monoMs - monoMs <= WINDOW_MS)
  return [...kept.slice(1 - MARKS_KEPT), mark]
}

/** How many came within the window; undefined while they are too few to tell. */
export function strangersIn(marks: readonly StrangerMark[]): number | undefined {
  const [first] = marks
  const came = (marks.at(-1)?.strangers ?? 0) - (first?.strangers ?? 0)
  return came >= FEW ? came : undefined
}
