/**
 * Amps per phase of one circuit against its limit: the last 15 minutes from the history, then live; or the highest of
 * each minute of a day, of each quarter of an hour of a month, read anew each minute.
 */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { CircuitView } from '../../src/core/view/document.js'
import { loadHistory } from './api.js'
import { Chart } from './chart.js'
import { amps, isOver, limitText, otherLoadText, reckonedOther, roomText, roomTitle } from './format.js'
import { lineNames } from './plot-labels.js'
import {
  type Data,
  LIVE,
  lookOf,
  momentBeside,
  momentText,
  Past,
  type Range,
  Ranges,
  READ_AGAIN_MS,
  Readout,
  type Row,
  rowAt,
  show,
} from './plot-parts.js'
import { circuitText } from './words/from-core.js'
import { site } from './words/site.js'

/** The feed brings at most one point a second. */
const MOST_POINTS = 2000

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
    const chart = new Chart(element, lookOf(element, lineNames()), setHovered)
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
      <Readout
        values={
          hovered === undefined
            ? [...(circuit.measuredA ?? [null, null, null]), circuit.limitA, circuit.offeredA]
            : rowAt(data.current, hovered)
        }
        limit={site('limit')}
      />
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

function Facts({ circuit }: { circuit: CircuitView }) {
  const { measuredSource } = circuit
  const { mostA, reserveA, measuredA } = reckonedOther(circuit)
  return (
    <p class="facts">
      {measuredSource === 'estimate' && `${site('estimateFact')} · `}
      {site('otherFact', { amps: amps(mostA), source: otherLoadText(circuit) })}
      {measuredA !== undefined && ` · ${site('measuredIs', { amps: `${amps(measuredA)} A` })}`}
      {reserveA >= 0.05 && ` · ${site('reserveFact', { amps: amps(reserveA) })}`} ·{' '}
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
