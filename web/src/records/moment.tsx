/** What was decided at a moment of the past, and why, as it was shown then. */
import { useEffect, useState } from 'preact/hooks'
import { limitText } from '../format.js'
import { type DecisionView, readDecision } from './records-api.js'
import './records.css'
import { circuitText, whyText } from '../words/from-core.js'
import { when } from '../words/numbers.js'
import { records } from '../words/records.js'

interface Props {
  readonly atS: number
  readonly circuitId: string
  /** What was decided for this one alone. */
  readonly stationId?: string
}

export function Moment({ atS, circuitId, stationId }: Props) {
  const [found, setFound] = useState<{ readonly atS: number; readonly decision: DecisionView | undefined }>()
  useEffect(() => {
    let isCurrent = true
    readDecision(new Date(atS * 1000).toISOString()).then(answer => {
      if (isCurrent) setFound({ atS, decision: answer?.decision })
    })
    return () => {
      isCurrent = false
    }
  }, [atS])
  if (found === undefined) return <p class="moment muted">{records('reading')}</p>
  const { decision } = found
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
    <section class="moment" data-testid="moment" tabIndex={0} aria-label={records('momentHead')}>
      {decision === undefined ? (
        <p class="muted">{records('noDecision')}</p>
      ) : (
        <Decision
          decision={stationId === undefined ? decision : ofStation(decision, stationId)}
          circuitId={circuitId}
        />
      )}
      <p>
        <a href="api/v1/decisions.csv">{records('allDecisions')}</a>
      </p>
    </section>
  )
}

function ofStation(decision: DecisionView, stationId: string): DecisionView {
  const isIts = ({ connector }: { readonly connector: string }) => connector.startsWith(`${stationId}/`)
  return { ...decision, connectors: decision.connectors.filter(isIts), others: decision.others.filter(isIts) }
}

function Decision({ decision, circuitId }: { decision: DecisionView; circuitId: string }) {
  const { at, connectors, others, circuits } = decision
  const circuit = circuits.find(({ id }) => id === circuitId)
  return (
    <>
      <p>
        <b>{records('decidedAt', { time: when(at, 'moment') })}</b>{' '}
        {circuit?.why !== undefined && circuitText(circuit.why)}
      </p>
      {connectors.length + others.length === 0 && <p class="muted">{records('nobody')}</p>}
      <ul>
        {alike([...connectors.map(lineOf), ...others.map(otherOf)]).map(({ names, told, why }) => (
          <li key={names[0]}>
            <b>{names.join(', ')}</b> {told} <span class="muted">{why}</span>
          </li>
        ))}
      </ul>
    </>
  )
}

interface Line {
  readonly name: string
  readonly told: string
  readonly why: string
}

function lineOf({ connector, allocationA, offerA, why }: DecisionView['connectors'][number]): Line {
  const told = records('decidedTold', { decided: limitText(allocationA), told: limitText(offerA) })
  return { name: connector, told, why: why === undefined ? '' : whyText(why) }
}

function otherOf({ connector, offerA, why }: DecisionView['others'][number]): Line {
  return { name: connector, told: records('toldOnly', { told: limitText(offerA) }), why: whyText(why) }
}

/** What several have in common is said once. */
function alike(lines: readonly Line[]) {
  const groups = new Map<string, { readonly names: string[]; readonly told: string; readonly why: string }>()
  for (const { name, told, why } of lines) {
    const known = groups.get(`${told}\n${why}`)
    if (known === undefined) groups.set(`${told}\n${why}`, { names: [name], told, why })
    else known.names.push(name)
  }
  return [...groups.values()]
}
