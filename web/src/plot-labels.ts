/** The names of a plot's lines, beside their ends: none is known by colour alone. */
import { PHASE_LABELS } from './format.js'
import { site } from './words/site.js'

export const lineNames = (): readonly string[] => [...PHASE_LABELS, site('lineLimit'), site('lineOffers')]

/** Between two names, px. */
const APART = 12

/** Beside the lines, px: the longest of their names in the language of the page. */
export function labelRoom(fontFamily: string, names: readonly string[]): number {
  const pen = document.createElement('canvas').getContext('2d')
  if (pen === null) return 64
  pen.font = `600 11px ${fontFamily}`
  return Math.ceil(Math.max(...names.map(name => pen.measureText(name).width))) + 14
}

/** One below the other where lines end close together. */
export function labelEnds(
  pen: CanvasRenderingContext2D,
  x: number,
  ends: readonly { readonly name: string; readonly color: string; readonly y: number }[],
): void {
  pen.textAlign = 'left'
  pen.textBaseline = 'middle'
  let lowest = Number.NEGATIVE_INFINITY
  for (const { name, y, color } of ends.toSorted((a, b) => a.y - b.y)) {
    lowest = Math.max(y, lowest + APART)
    pen.fillStyle = color
    pen.fillText(name, x, lowest)
  }
}
