/**
 * The words on the nodes of the diagram, and their accessible names. A name begins with the words that are seen, in
 * their order, so that who speaks to the page can say what is written there (WCAG 2.5.3). Pure.
 */
import type { CircuitView, StationView } from '../../src/core/view/document.js'
import { amps, isOver, limitText, PHASE_LABELS, PHASES, roomText, seen, statusText, worst } from './format.js'

export function cardTexts(circuit: CircuitView) {
  const { measuredA, measuredSource, limitA } = circuit
  return {
    measured: measuredA === undefined ? '–' : seen(worst(measuredA), measuredSource === 'estimate'),
    of: `${isOver(circuit) ? ' A, over ' : ' / '}${limitText(limitA)} A`,
    unmeasured: 'not measured',
  }
}

export function circuitLabel(circuit: CircuitView): string {
  const { id, measuredA, measuredSource } = circuit
  const texts = cardTexts(circuit)
  const phases =
    measuredA === undefined
      ? texts.unmeasured
      : PHASES.map(phase => `${PHASE_LABELS[phase]} ${amps(measuredA[phase])}`).join(' ')
  const how = measuredSource === 'estimate' ? ', estimated' : ''
  return `${id} ${texts.measured}${texts.of} ${phases}: circuit, worst phase${how} against its limit, headroom ${roomText(circuit)}`
}

/** "12.4 A", "≈ 11.9 + 6.0 A", "free", "paused", "no link". */
export function drawText(station: StationView): string {
  if (!station.connected) return 'no link'
  const parts = station.connectors.map(({ measuredA, allocationA, isEstimate }) => {
    if (allocationA === undefined) return '–'
    return measuredA === undefined ? `? of ${limitText(allocationA)}` : seen(worst(measuredA), isEstimate)
  })
  if (parts.every(part => part === '–')) return 'free'
  if (station.connectors.every(({ allocationA }) => allocationA === undefined || allocationA === 0))
    return 'paused'
  return `${parts.join(' + ')} A`
}

export function stationLabel(station: StationView): string {
  const parts = station.connectors.map(connector => {
    const { measuredA, allocationA, isEstimate, id, why } = connector
    const how = isEstimate === true ? 'about' : 'measured'
    const drawn = measuredA === undefined ? '' : `, ${how} ${amps(worst(measuredA))} A`
    const told = allocationA === undefined ? '' : `, allocation ${limitText(allocationA)} A`
    return `connector ${id} ${statusText(connector, station.connected)}${told}${drawn}. ${why.text}`
  })
  return `${station.id} ${drawText(station)}: station, ${parts.join('; ')}`
}
