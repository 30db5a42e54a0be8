/** What the plots of circuits and of stations share: spans of time, the values under the cursor, what was decided then, looks. */
import { useEffect, useState } from 'preact/hooks'
import type { Chart, Line, Look } from './chart.js'
import { amps, limitText, PHASE_LABELS, PHASES } from './format.js'
import { labelRoom } from './plot-labels.js'
import { when } from './words/numbers.js'
import { site } from './words/site.js'

export const RANGES = [
  { label: 'minutes15', title: 'last15', seconds: 900 },
  { label: 'hour', title: 'lastHour', seconds: 3_600 },
  { label: 'day', title: 'lastDay', seconds: 86_400 },
  { label: 'week', title: 'lastWeek', seconds: 7 * 86_400 },
  { label: 'days30', title: 'last30', seconds: 30 * 86_400 },
] as const
export type Range = (typeof RANGES)[number]
export const LIVE = RANGES[0]
/** Of spans that do not follow the feed. */
export const READ_AGAIN_MS = 60_000

export type Row = (number | null)[]
export type Data = [number[], Row, Row, Row, Row, Row]

/** The point before or after the one that is held; the last one where none is. */
export function momentBeside(
  times: readonly number[],
  atS: number | undefined,
  step: number,
): number | undefined {
  if (atS === undefined) return times.at(-1)
  const index = times.findIndex(time => time >= atS)
  return times[Math.max(0, Math.min(times.length - 1, index + step))]
}

type MomentView = typeof import('./records/moment.js').Moment

interface PastProps {
  readonly atS: number
  readonly circuitId: string
  /** Of this one alone. */
  readonly stationId?: string
  onClose(): void
}

/** Loaded when somebody asks for it. */
export function Past({ onClose, ...of }: PastProps) {
  const [view, setView] = useState<{ readonly View: MomentView }>()
  useEffect(() => {
    import('./records/moment.js').then(({ Moment }) => setView({ View: Moment }))
  }, [])
  return (
    <div class="past">
      <button type="button" class="action past-close" onClick={onClose} aria-label={site('closePast')}>
        ×
      </button>
      {view !== undefined && <view.View {...of} />}
    </div>
  )
}

export function Ranges({ range, onPick }: { range: Range; onPick(range: Range): void }) {
  return (
    <fieldset class="ranges" aria-label={site('timeShown')}>
      {RANGES.map(one => (
        <button
          key={one.seconds}
          type="button"
          class="range"
          aria-pressed={one === range}
          title={site(one.title)}
          data-range={one.seconds}
          onClick={() => onPick(one)}
        >
          {site(one.label)}
        </button>
      ))}
    </fieldset>
  )
}

export function momentText(atS: number, range: Range): string {
  if (range === LIVE) return when(atS * 1000, 'time')
  return `${when(atS * 1000, 'day')} ${when(atS * 1000, 'minute')}`
}

/** Amps of the three phases, the limit, the offers. */
export function Readout({ values, limit }: { values: Row; limit: string }) {
  const text = (value: number | null | undefined) =>
    value === null || value === undefined ? '–' : amps(value)
  return (
    <dl class="readout">
      {PHASES.map(phase => (
        <div key={phase}>
          <dt>
            <i class={`swatch phase-${phase}`} /> {PHASE_LABELS[phase]}
          </dt>
          <dd>
            {text(values[phase])} <small>A</small>
          </dd>
        </div>
      ))}
      <div>
        <dt>
          <i class="swatch offered" /> {site('offers')}
        </dt>
        <dd>
          {text(values[4])} <small>A</small>
        </dd>
      </div>
      <div>
        <dt>
          <i class="swatch limit" /> {limit}
        </dt>
        <dd>
          {values[3] === null || values[3] === undefined ? '–' : limitText(values[3])} <small>A</small>
        </dd>
      </div>
    </dl>
  )
}

export function rowAt(data: Data, index: number): Row {
  return [data[1], data[2], data[3], data[4], data[5]].map(row => row[index] ?? null)
}

export function show(chart: Chart | null, data: Data, { seconds }: Range): void {
  if (chart === null) return
  const [times, ...rows] = data
  const untilS = times[times.length - 1] ?? Date.now() / 1000
  let [lowest, most] = [0, 1]
  for (const row of rows)
    for (const value of row) {
      lowest = Math.min(lowest, value ?? 0)
      most = Math.max(most, value ?? 0)
    }
  chart.show(data, { fromS: untilS - seconds, untilS, lowest, most: most * 1.12 })
}

/** `names`: of the three phases, the limit, the offers. */
export function lookOf(element: HTMLElement, names: readonly string[]): Look {
  const style = getComputedStyle(element)
  const color = (name: string) => style.getPropertyValue(name).trim()
  const { fontFamily } = style
  // Where the phases are alike, each line still shows beside the one drawn over it.
  const phases = PHASES.map(phase => ({
    ...{ color: color(`--phase-${phase}`), width: 3.4 - phase, dash: [], isStepped: false },
  }))
  const limit = { color: color('--ink'), width: 1.5, dash: [7, 4], isStepped: true }
  const offers = { color: color('--copper'), width: 1.5, dash: [2, 3], isStepped: true }
  const lines = [...phases, limit, offers].map((line, at): Line => ({ ...line, name: names[at] ?? '' }))
  return {
    ...{ lines, fontFamily, tickText, right: labelRoom(fontFamily, names) },
    ...{ axisColor: color('--muted'), gridColor: color('--line'), cursorColor: color('--muted') },
  }
}

/** The day at its beginning, else hours and minutes. */
function tickText(atS: number, index: number, ticks: readonly number[]): string {
  const date = new Date(atS * 1000)
  const isByDay = (ticks[1] ?? atS) - (ticks[0] ?? atS) >= 43_200
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0
  return isByDay || (isMidnight && index > 0) ? when(date, 'day') : when(date, 'minute')
}
