/**
 * What the bench prints: one JSON line per figure as it is found, a table of all at the end. A missed goal is said, not
 * thrown: numbers of a busy machine are no reason to break a build. What could not be measured is no number, and is one.
 */

export interface Goal {
  readonly at: 'most' | 'least'
  readonly value: number
}

export interface Figure {
  readonly name: string
  /** Undefined: it could not be measured; the note says why. */
  readonly value: number | undefined
  readonly unit: string
  readonly goal?: Goal
  /** How it came about: counts, the two sides of a ratio. */
  readonly note?: string
}

const all: Figure[] = []

/** Without a goal every number meets it. */
function isMet({ value, goal }: Figure): boolean {
  if (value === undefined) return false
  if (goal === undefined) return true
  return goal.at === 'most' ? value <= goal.value : value >= goal.value
}

/** Prints the figure and keeps it for the table. */
export function report(figure: Figure): void {
  const rounded = { ...figure, value: figure.value === undefined ? undefined : rounding(figure.value) }
  all.push(rounded)
  const met = figure.value === undefined || figure.goal !== undefined ? { met: isMet(figure) } : {}
  process.stdout.write(`${JSON.stringify({ ...rounded, ...met })}\n`)
}

/** Prints the table; false when a figure could not be measured. */
export function printTable(): boolean {
  const rows = all.map(figure => [
    figure.name,
    figure.value === undefined ? 'none' : `${figure.value} ${figure.unit}`.trim(),
    figure.goal === undefined ? '' : `${figure.goal.at === 'most' ? '<=' : '>='} ${figure.goal.value}`,
    verdictOf(figure),
    figure.note ?? '',
  ])
  const head = ['figure', 'value', 'goal', '', 'how']
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map(row => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  process.stdout.write(`\n${[head, ...rows].map(line).join('\n')}\n`)
  const missed = all.filter(figure => !isMet(figure)).length
  process.stdout.write(missed === 0 ? '\nAll goals met.\n' : `\n${missed} goal(s) missed.\n`)
  return all.every(({ value }) => value !== undefined)
}

/** 'FAILED' without a number; '' where there is no goal to miss. */
export function verdictOf(figure: Figure): string {
  if (figure.value === undefined) return 'FAILED'
  if (figure.goal === undefined) return ''
  return isMet(figure) ? 'met' : 'MISSED'
}

/** The middle value; of an even count the mean of the two in the middle. 0 for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length / 2
  return ((sorted[Math.floor(half)] ?? 0) + (sorted[Math.ceil(half) - 1] ?? sorted[0] ?? 0)) / 2
}

/** The value that `share` of all do not exceed; `sorted` ascending. Undefined for none. */
export function percentile(sorted: Float64Array | readonly number[], share: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
}

function rounding(value: number): number {
  return Number(value.toPrecision(value >= 1000 ? 6 : 3))
}
