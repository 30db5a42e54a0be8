/**
 * The words on the nodes of the diagram, and their accessible names. A name begins with the words that are seen, in
 * their order, so that who speaks to the page can say what is written there (WCAG 2.5.3). Pure.
 */
import type { CircuitView, StationView } from '../../src/core/view/document.js'
import { amps, isOver, limitText, PHASE_LABELS, PHASES, roomText, seen, statusText, worst } from './format.js'
import { whyText } from './words/from-core.js'
import { site } from './words/site.js'

export function cardTexts(circuit: CircuitView) {
  const { measuredA, measuredSource, limitA } = circuit
  return {
    measured: measuredA === undefined ? '–' : seen(worst(measuredA), measuredSource === 'estimate'),
    of: ` ${site(isOver(circuit) ? 'over' : 'of', { limit: limitText(limitA) })}`,
    unmeasured: site('unmeasured'),
  }
}

export function circuitLabel(circuit: CircuitView): string {
  const { id, measuredA, measuredSource } = circuit
  const texts = cardTexts(circuit)
  const phases =
    measuredA === undefined
      ? texts.unmeasured
      : PHASES.map(phase => `${PHASE_LABELS[phase]} ${amps(measuredA[phase])}`).join(' ')
  const how = measuredSource === 'estimate' ? site('estimated') : ''
  const said = site('circuitLabel', { how, room: roomText(circuit) })
  return `${id} ${texts.measured}${texts.of} ${phases}: ${said}`
}

/** "12.4 A", "≈ 11.9 + 6.0 A", "free", "paused", "no link". */
export function drawText(station: StationView): string {
  if (!station.connected) return site('noLink')
  const parts = station.connectors.map(({ measuredA, allocationA, isEstimate }) => {
    if (allocationA === undefined) return '–'
    return measuredA === undefined
      ? site('unseen', { amps: limitText(allocationA) })
      : seen(worst(measuredA), isEstimate)
  })
  if (parts.every(part => part === '–')) return site('free')
  if (station.connectors.every(({ allocationA }) => allocationA === undefined || allocationA === 0))
    return site('paused')
  return `${parts.join(' + ')} A`
}

export function stationLabel(station: StationView): string {
  const parts = station.connectors.map(connector => {
    const { measuredA, allocationA, isEstimate, id, why } = connector
    const how = isEstimate === true ? 'about' : 'measuredA'
    const drawn = measuredA === undefined ? '' : site(how, { amps: amps(worst(measuredA)) })
    const told = allocationA === undefined ? '' : site('toldA', { amps: limitText(allocationA) })
    const status = statusText(connector, station.connected)
    return site('connectorLabel', { id: String(id), status, told, drawn, why: whyText(why) })
  })
  return site('stationLabel', { id: station.id, drawn: drawText(station), connectors: parts.join('; ') })
}
