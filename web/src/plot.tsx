/**
 * Amps per phase of one circuit against its limit: the last 15 minutes from the history, then live; or the highest of
 * each minute of a day, of each quarter of an hour of a month, read anew each minute.
 */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { CircuitView } from '../../src/core/view/document.js'
import { loadHistory } from './api.js'
import { Chart, type Line, type Look } from './chart.js'
import {
  amps,
  isOver,
  limitText,
  otherLoadText,
  PHASE_LABELS,
  PHASES,
  roomText,
  roomTitle,
} from './format.js'
import { labelRoom, lineNames } from './plot-labels.js'
import { circuitText } from './words/from-core.js'
import { when } from './words/numbers.js'
import { site } from './words/site.js'

const RANGES = [
  { label: 'minutes15', title: 'last15', seconds: 900 },
  { label: 'hour', title: 'lastHour', seconds: 3_600 },
  { label: 'day', title: 'lastDay', seconds: 86_400 },
  { label: 'week', title: 'lastWeek', seconds: 7 * 86_400 },
  { label: 'days30', title: 'last30', seconds: 30 * 86_400 },
] as const
type Range = (typeof RANGES)[number]
const LIVE = RANGES[0]
const READ_AGAIN_MS = 60_000
/** The feed brings at most one point a second. */
const MOST_POINTS = 2000

type Row = (number | null)[]
type Data = [number[], Row, Row, Row, Row, Row]

interface Props {
  readonly circuit: CircuitView
  /** ISO 8601 of the view the circuit is from. */
  readonly at: string
  /** Changes when the history must be read anew: after a reconnect. */
  readonly epoch: number
  readonly themeKey: string
}

export function Plot({ circuit, at, epoch, themeKey }: Props) {
  const frame = useRef<HTMLDivElement>(null)
  const plot = useRef<Chart | null>(null)
  const data = useRef<Data>([[], [], [], [], [], []])
  const [hovered, setHovered] = useState<number>()
  const [range, setRange] = useState<Range>(LIVE)
  const [turn, setTurn] = useState(0)
  const [pinnedS, setPinnedS] = useState<number>()

  useEffect(() => {
    let current = true
    data.current = [[], [], [], [], [], []]
    if (turn === 0) show(plot.current, data.current, range)
    loadHistory(circuit.id, range.seconds).then(history => {
      if (!current || history === undefined) return
      const { atS, l1A, l2A, l3A, limitA, offeredA } = history
      const [since] = data.current[0]
      const until = since === undefined ? atS.length : atS.filter(time => time < since).length
      const [times, ...live] = data.current
      const joined = (old: readonly (number | null)[], row: Row): Row => [...old.slice(0, until), ...row]
      data.current = [
        [...atS.slice(0, until), ...times],
        joined(l1A, live[0]),
        joined(l2A, live[1]),
        joined(l3A, live[2]),
        joined(limitA, live[3]),
        joined(offeredA, live[4]),
      ]
      show(plot.current, data.current, range)
    })
    return () => {
      current = false
    }
  }, [circuit.id, epoch, range, turn])

  useEffect(() => {
    if (range === LIVE) return undefined
    const timer = setInterval(() => setTurn(last => last + 1), READ_AGAIN_MS)
    return () => clearInterval(timer)
  }, [range])

  useEffect(() => {
    const element = frame.current
    if (element === null) return undefined
    const chart = new Chart(element, lookOf(element), setHovered)
    plot.current = chart
    show(chart, data.current, range)
    return () => {
      chart.end()
      plot.current = null
    }
  }, [themeKey])

  useEffect(() => {
    if (range !== LIVE) return
    append(data.current, Date.parse(at) / 1000, circuit)
    show(plot.current, data.current, range)
  }, [at, circuit, range])

  const shown = hovered === undefined ? undefined : data.current[0][hovered]
  return (
    <section class="panel plot-panel" aria-label={site('plotOf', { id: circuit.id })}>
      <header class="panel-head">
        <h2>
          {circuit.id} <span class="muted">{site('ampsPerPhase')}</span>
        </h2>
        <span class="muted">{shown === undefined ? site('now') : momentText(shown, range)}</span>
        <Ranges
          range={range}
          onPick={picked => {
            setTurn(0)
            setRange(picked)
          }}
        />
      </header>
      <Readout circuit={circuit} row={hovered === undefined ? undefined : rowAt(data.current, hovered)} />
      <div
        ref={frame}
        class="plot"
        data-testid="plot"
        role="img"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move through its moments
        tabIndex={0}
        onClick={() => {
          if (hovered !== undefined) setPinnedS(data.current[0][hovered])
        }}
        onKeyDown={event => {
          const step = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0
          if (event.key === 'Escape') setPinnedS(undefined)
          if (step !== 0) setPinnedS(momentBeside(data.current[0], pinnedS, step))
        }}
        aria-label={site('plotLabel', {
          id: circuit.id,
          span: site(range.title),
          limit: limitText(circuit.limitA),
        })}
      />
      {pinnedS === undefined ? (
        <p class="plot-hint muted">
          {site('moment')}{' '}
          <a
            href={`api/v1/history.csv?${new URLSearchParams({ circuit: circuit.id, seconds: String(range.seconds) })}`}
          >
            CSV
          </a>
        </p>
      ) : (
        <Past atS={pinnedS} circuitId={circuit.id} onClose={() => setPinnedS(undefined)} />
      )}
      <p class="circuit-why" data-testid="circuit-why">
        {circuitText(circuit.why, circuit)}
      </p>
      <Facts circuit={circuit} />
    </section>
  )
}

/** The point before or after the one that is held; the last one where none is. */
function momentBeside(times: readonly number[], atS: number | undefined, step: number): number | undefined {
  if (atS === undefined) return times.at(-1)
  const index = times.findIndex(time => time >= atS)
  return times[Math.max(0, Math.min(times.length - 1, index + step))]
}

type MomentView = typeof import('./records/moment.js').Moment

/** Loaded when somebody asks for it. */
function Past({ atS, circuitId, onClose }: { atS: number; circuitId: string; onClose(): void }) {
  const [view, setView] = useState<{ readonly View: MomentView }>()
  useEffect(() => {
    import('./records/moment.js').then(({ Moment }) => setView({ View: Moment }))
  }, [])
  return (
    <div class="past">
      <button type="button" class="action past-close" onClick={onClose} aria-label={site('closePast')}>
        ×
      </button>
      {view !== undefined && <view.View atS={atS} circuitId={circuitId} />}
    </div>
  )
}

function Ranges({ range, onPick }: { range: Range; onPick(range: Range): void }) {
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

function momentText(atS: number, range: Range): string {
  if (range === LIVE) return when(atS * 1000, 'time')
  return `${when(atS * 1000, 'day')} ${when(atS * 1000, 'minute')}`
}

function Readout({ circuit, row }: { circuit: CircuitView; row: Row | undefined }) {
  const values = row ?? [...(circuit.measuredA ?? [null, null, null]), circuit.limitA, circuit.offeredA]
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
          <i class="swatch limit" /> {site('limit')}
        </dt>
        <dd>
          {values[3] === null || values[3] === undefined ? '–' : limitText(values[3])} <small>A</small>
        </dd>
      </div>
    </dl>
  )
}

function Facts({ circuit }: { circuit: CircuitView }) {
  const { reserveA, measuredSource } = circuit
  const reserve = Math.max(...reserveA)
  return (
    <p class="facts">
      {measuredSource === 'estimate' && `${site('estimateFact')} · `}
      {site('otherFact', { amps: amps(Math.max(...circuit.otherLoadA)), source: otherLoadText(circuit) })}
      {reserve >= 0.05 && ` · ${site('reserveFact', { amps: amps(reserve) })}`} ·{' '}
      {site('bookedFact', { amps: amps(Math.max(...circuit.bookedA)) })} ·{' '}
      {isOver(circuit) ? (
        <b class="over-text">{site('overFact')}</b>
      ) : (
        <b title={roomTitle(circuit)}>{site('headroomFact', { room: roomText(circuit) })}</b>
      )}{' '}
      · {site('ratedFact', { amps: limitText(circuit.ratedCurrentA) })}
    </p>
  )
}

function append(data: Data, atS: number, circuit: CircuitView): void {
  const [times] = data
  const last = times[times.length - 1]
  if (last !== undefined && atS <= last) return
  times.push(atS)
  data[1].push(circuit.measuredA?.[0] ?? null)
  data[2].push(circuit.measuredA?.[1] ?? null)
  data[3].push(circuit.measuredA?.[2] ?? null)
  data[4].push(circuit.limitA)
  data[5].push(circuit.offeredA)
  const first = times.findIndex(time => time >= atS - LIVE.seconds)
  const cut = Math.max(first, times.length - MOST_POINTS)
  if (cut > 0) for (const row of data) row.splice(0, cut)
}

function rowAt(data: Data, index: number): Row {
  return [data[1], data[2], data[3], data[4], data[5]].map(row => row[index] ?? null)
}

function show(chart: Chart | null, data: Data, { seconds }: Range): void {
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

function lookOf(element: HTMLElement): Look {
  const style = getComputedStyle(element)
  const color = (name: string) => style.getPropertyValue(name).trim()
  const { fontFamily } = style
  // Where the phases are alike, each line still shows beside the one drawn over it.
  const phases = PHASES.map(phase => ({
    ...{ color: color(`--phase-${phase}`), width: 3.4 - phase, dash: [], isStepped: false },
  }))
  const limit = { color: color('--ink'), width: 1.5, dash: [7, 4], isStepped: true }
  const offers = { color: color('--copper'), width: 1.5, dash: [2, 3], isStepped: true }
  const names = lineNames()
  const lines = [...phases, limit, offers].map((line, at): Line => ({ ...line, name: names[at] ?? '' }))
  return {
    ...{ lines, fontFamily, tickText, right: labelRoom(fontFamily) },
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
