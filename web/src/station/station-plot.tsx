/**
 * Amps per phase of one station, what it was told and what is kept free for it: over minutes, an hour, a day, a week. Read
 * anew while it is shown; a moment that is picked shows what was decided for this station, and why.
 */
import { useEffect, useRef, useState } from 'preact/hooks'
import { loadStationHistory } from '../api.js'
import { Chart } from '../chart.js'
import { PHASE_LABELS } from '../format.js'
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
  rowAt,
  show,
} from '../plot-parts.js'
import { onTheme, storedTheme } from '../theme.js'
import { site } from '../words/site.js'
import { stationPlot as words } from '../words/station-plot.js'

/** A point of the last minutes is ten seconds long. */
const LIVE_AGAIN_MS = 10_000
const NOTHING: Data = [[], [], [], [], [], []]

interface Props {
  readonly stationId: string
  readonly circuitId: string
}

export function StationPlot({ stationId, circuitId }: Props) {
  const frame = useRef<HTMLDivElement>(null)
  const [range, setRange] = useState<Range>(LIVE)
  const data = useStationHistory(stationId, range)
  const [hovered, setHovered] = useState<number>()
  const [pinnedS, setPinnedS] = useState<number>()
  const chart = useChart(frame, setHovered)
  useEffect(() => {
    if (chart !== undefined && data !== undefined) show(chart, data, range)
  }, [chart, data, range])
  const [times] = data ?? NOTHING
  const at = hovered ?? times.length - 1
  const shownS = hovered === undefined ? undefined : times[hovered]
  const csv = `api/v1/stations/${encodeURIComponent(stationId)}/history.csv?seconds=${range.seconds}`
  return (
    <section class="station-plot" aria-label={words('title')} data-testid="station-plot">
      <header class="panel-head">
        <h3>
          {words('title')} <span class="muted">{words('about')}</span>
        </h3>
        <span class="muted">{shownS === undefined ? site('now') : momentText(shownS, range)}</span>
        <Ranges range={range} onPick={setRange} />
      </header>
      <div title={words('keptAbout')}>
        <Readout values={rowAt(data ?? NOTHING, at)} limit={words('kept')} />
      </div>
      <div
        ref={frame}
        class="plot"
        data-testid="station-plot-frame"
        role="img"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move through its moments
        tabIndex={0}
        aria-label={words('label', { id: stationId, span: site(range.title) })}
        onClick={() => {
          if (hovered !== undefined) setPinnedS(times[hovered])
        }}
        onKeyDown={event => {
          const step = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0
          if (event.key === 'Escape') setPinnedS(undefined)
          if (step !== 0) setPinnedS(momentBeside(times, pinnedS, step))
        }}
      />
      {data !== undefined && times.length === 0 && <p class="muted">{words('none')}</p>}
      {pinnedS === undefined ? (
        <p class="plot-hint muted">
          {site('moment')} <a href={csv}>CSV</a>
        </p>
      ) : (
        <Past {...{ atS: pinnedS, circuitId, stationId }} onClose={() => setPinnedS(undefined)} />
      )}
    </section>
  )
}

/** Undefined until it has come; what has come stays until the next answer of the same span. */
function useStationHistory(stationId: string, range: Range): Data | undefined {
  const [found, setFound] = useState<{ readonly range: Range; readonly data: Data }>()
  useEffect(() => {
    let isCurrent = true
    const look = async (): Promise<void> => {
      const history = await loadStationHistory(stationId, range.seconds)
      if (!isCurrent || history === undefined) return
      const { atS, l1A, l2A, l3A, limitA, offeredA } = history
      const rows = [l1A, l2A, l3A, limitA, offeredA].map(row => [...row])
      const [a = [], b = [], c = [], d = [], e = []] = rows
      setFound({ range, data: [[...atS], a, b, c, d, e] })
    }
    look()
    const timer = setInterval(look, range === LIVE ? LIVE_AGAIN_MS : READ_AGAIN_MS)
    return () => {
      isCurrent = false
      clearInterval(timer)
    }
  }, [stationId, range])
  return found?.range === range ? found.data : undefined
}

/** Made anew with other colours. */
function useChart(
  frame: { readonly current: HTMLDivElement | null },
  onHover: (index: number | undefined) => void,
): Chart | undefined {
  const [chart, setChart] = useState<Chart>()
  const [theme, setTheme] = useState(storedTheme)
  useEffect(() => onTheme(setTheme), [])
  useEffect(() => {
    const element = frame.current
    if (element === null) return undefined
    const names = [...PHASE_LABELS, words('lineKept'), site('lineOffers')]
    const made = new Chart(element, lookOf(element, names), onHover)
    setChart(made)
    return () => made.end()
  }, [theme])
  return chart
}
