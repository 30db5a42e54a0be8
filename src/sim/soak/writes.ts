/**
 * The profile writes of a soak by cause and by the lease of the station they went to, and the table of them per station-day
 * beside the budget of control rule 4. Pure.
 */
import type { WriteCause } from '../../core/control/write-cause.js'

/** Writes a station-day may take, by lease (control rule 4). */
const BUDGETS: ReadonlyMap<number, number> = new Map([
  [60, 1_500],
  [300, 500],
])

/** Not by the day: once a connection. */
const ONCE: ReadonlySet<string> = new Set<WriteCause>(['set-up', 'reconnect'])

export class WriteCount {
  readonly byLease = new Map<number, Map<string, number>>()

  /** Of them all, those that had to have the short lease, by the station's own. */
  readonly shortBy = new Map<number, number>()

  count(cause: string, leaseS: number, isShort: boolean): void {
    if (isShort) this.shortBy.set(leaseS, (this.shortBy.get(leaseS) ?? 0) + 1)
    const causes = this.byLease.get(leaseS) ?? new Map<string, number>()
    this.byLease.set(leaseS, causes)
    causes.set(cause, (causes.get(cause) ?? 0) + 1)
  }
}

export interface CountedSeed {
  readonly hours: number
  readonly writesBy: WriteCount
  /** Stations by lease, s. */
  readonly stationsBy: ReadonlyMap<number, number>
}

/** A column for each lease, a line for each cause, most first. */
export function writeTable(results: readonly CountedSeed[]): readonly string[] {
  const leases = [...new Set(results.flatMap(({ stationsBy }) => [...stationsBy.keys()]))].sort(
    (a, b) => a - b,
  )
  const days = leases.map(leaseS =>
    results.reduce((sum, { stationsBy, hours }) => sum + ((stationsBy.get(leaseS) ?? 0) * hours) / 24, 0),
  )
  const perDay = (of: (causes: ReadonlyMap<string, number>) => number): readonly number[] =>
    leases.map((leaseS, at) => {
      const writes = results.reduce(
        (sum, { writesBy }) => sum + of(writesBy.byLease.get(leaseS) ?? new Map()),
        0,
      )
      return writes / (days[at] ?? 1)
    })
  const causes = [
    ...new Set(
      results.flatMap(({ writesBy }) => [...writesBy.byLease.values()].flatMap(by => [...by.keys()])),
    ),
  ].map(name => ({ name, perDay: perDay(by => by.get(name) ?? 0) }))
  const all = perDay(by => [...by.values()].reduce((sum, count) => sum + count, 0))
  // A set-up is paid once a connection: in an hour's run it would count as if it came each hour.
  const daily = perDay(by => [...by].reduce((sum, [cause, count]) => sum + (ONCE.has(cause) ? 0 : count), 0))
  const line = (name: string, cells: readonly string[]): string =>
    `${name.padEnd(46)}${cells.map(cell => cell.padStart(14)).join('')}`
  const whole = (values: readonly number[]): readonly string[] => values.map(value => value.toFixed(0))
  return [
    line(
      'profile writes per station-day, by cause',
      leases.map(leaseS => `${leaseS} s lease`),
    ),
    ...causes
      .toSorted((a, b) => sumOf(b.perDay) - sumOf(a.perDay))
      .map(cause => line(`  ${cause.name}`, whole(cause.perDay))),
    line('  all', whole(all)),
    line('  all but set-up, once a connection', whole(daily)),
    line(
      '  of these with a lease of 60 s',
      leases.map((leaseS, at) => {
        const short = results.reduce((sum, { writesBy }) => sum + (writesBy.shortBy.get(leaseS) ?? 0), 0)
        return (short / (days[at] ?? 1)).toFixed(0)
      }),
    ),
    line(
      '  budget',
      leases.map(leaseS => `${BUDGETS.get(leaseS) ?? '-'}`),
    ),
    line(
      '  station-days',
      days.map(value => value.toFixed(2)),
    ),
  ]
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)
