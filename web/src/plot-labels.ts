/** The names of a plot's lines, beside their ends: none is known by colour alone. */
import type uPlot from 'uplot'
import { PHASE_LABELS } from './format.js'
import { site } from './words/site.js'

const lineNames = (): readonly string[] => [...PHASE_LABELS, site('lineLimit'), site('lineOffers')]

/** Beside the lines, px: the longest of their names in the language of the page. */
export function labelRoom(font: string): number {
  const pen = document.createElement('canvas').getContext('2d')
  if (pen === null) return 64
  pen.font = `600 ${font}`
  return Math.ceil(Math.max(...lineNames().map(name => pen.measureText(name).width))) + 14
}

export function labelLines(chart: uPlot, font: string, colors: readonly string[]): void {
  const { ctx, bbox } = chart
  const ratio = devicePixelRatio
  const ends = lineNames().flatMap((name, index) => {
    const row = chart.data[index + 1] ?? []
    const value = row[row.length - 1]
    return typeof value === 'number'
      ? [{ name, y: chart.valToPos(value, 'y', true), color: colors[index] ?? '' }]
      : []
  })
  ends.sort((a, b) => a.y - b.y)
  ctx.save()
  ctx.font = `600 ${11 * ratio}px ${font.slice(5)}`
  ctx.textAlign = 'left'
  ctx.textBaseline = 'middle'
  let lowest = Number.NEGATIVE_INFINITY
  for (const { name, y, color } of ends) {
    const at = Math.max(y, lowest + 12 * ratio)
    lowest = at
    ctx.fillStyle = color
    ctx.fillText(name, bbox.left + bbox.width + 5 * ratio, at)
  }
  ctx.restore()
}
