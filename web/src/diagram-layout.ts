/**
 * Where the parts of the single-line diagram lie, in pixels for a given width: the busbar across, feeders hanging from
 * it in as many rows as needed (joined by a riser at the left, so a phone gets a standing busbar), in each feeder its
 * child circuits and station cells. Pure.
 */
import type { CircuitView, SiteView, StationView } from '../../src/core/view/document.js'

export interface Box {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

export interface CircuitNode extends Box {
  readonly circuit: CircuitView
  readonly depth: number
}

export interface StationNode extends Box {
  readonly station: StationView
  readonly compact: boolean
}

/** A run of copper or wire from one point to another, level or plumb. */
export interface Run {
  readonly kind: 'busbar' | 'feeder-bar' | 'wire'
  readonly x1: number
  readonly y1: number
  readonly x2: number
  readonly y2: number
}

export interface DiagramLayout {
  readonly width: number
  readonly height: number
  readonly circuits: readonly CircuitNode[]
  readonly stations: readonly StationNode[]
  readonly runs: readonly Run[]
  /** Where a breaker is drawn, centre. */
  readonly breakers: readonly { readonly x: number; readonly y: number }[]
  /** Where the grid comes in. */
  readonly supply: { readonly x: number; readonly y: number }
}

export const BUSBAR_H = 12
const CARD_H = 62
const MIN_FEEDER_W = 216
/** From a bar to the card below it, with a breaker between. */
const DROP = 32
const GAP = 14
const INSET = 14
const TICK = 9
const CELL_MAX_W = 170
/** Beyond this many stations the cells are small. */
const COMPACT_FROM = 25

interface Cells {
  readonly minW: number
  readonly h: number
  readonly compact: boolean
}

interface Draft {
  readonly circuits: CircuitNode[]
  readonly stations: StationNode[]
  readonly runs: Run[]
  readonly breakers: { x: number; y: number }[]
}

export function layOut(site: SiteView, width: number): DiagramLayout {
  const draft: Draft = { circuits: [], stations: [], runs: [], breakers: [] }
  const compact = site.stations.length >= COMPACT_FROM
  const cells: Cells = compact ? { minW: 76, h: 40, compact } : { minW: 98, h: 50, compact }
  let y = 26
  for (const root of site.circuits.filter(({ parentId }) => parentId === undefined))
    y = layRoot(draft, site, root, { y, width, cells })
  return { width, height: y, ...draft, supply: { x: 20, y: 2 } }
}

interface Frame {
  readonly y: number
  readonly width: number
  readonly cells: Cells
}

function layRoot(draft: Draft, site: SiteView, root: CircuitView, { y, width, cells }: Frame): number {
  const cardW = width
  draft.runs.push({ kind: 'wire', x1: 20, y1: y - 24, x2: 20, y2: y })
  draft.circuits.push({ circuit: root, depth: 0, x: 0, y, w: cardW, h: CARD_H })
  let barY = y + CARD_H + 24
  draft.runs.push({ kind: 'wire', x1: 20, y1: y + CARD_H, x2: 20, y2: barY })
  draft.breakers.push({ x: 20, y: y + CARD_H + 12 })
  const feeders = site.circuits.filter(({ parentId }) => parentId === root.id)
  const own = site.stations.filter(({ circuitId }) => circuitId === root.id)
  const blocks = feeders.length + (own.length > 0 ? 1 : 0)
  const most = Math.max(1, Math.floor((width + GAP) / (MIN_FEEDER_W + GAP)))
  const rows = Math.max(1, Math.ceil(blocks / most))
  const perRow = Math.ceil(blocks / rows)
  const first = barY
  let bottom = barY + BUSBAR_H
  for (let row = 0; row < rows; row++) {
    const inRow = feeders.slice(row * perRow, (row + 1) * perRow)
    const withOwn = own.length > 0 && row === rows - 1
    const count = Math.max(1, inRow.length + (withOwn ? 1 : 0))
    // One feeder per row hangs beside a standing busbar.
    const left = rows > 1 ? 24 : 0
    const columnW = (width - left - GAP * (count - 1)) / count
    draft.runs.push({ kind: 'busbar', x1: 0, y1: barY, x2: perRow === 1 && rows > 1 ? 62 : width, y2: barY })
    bottom = barY + BUSBAR_H
    const top = barY + BUSBAR_H + DROP
    for (const [column, feeder] of inRow.entries()) {
      const x = left + column * (columnW + GAP)
      draft.runs.push({ kind: 'wire', x1: x + 20, y1: barY + BUSBAR_H, x2: x + 20, y2: top })
      draft.breakers.push({ x: x + 20, y: barY + BUSBAR_H + DROP / 2 })
      bottom = Math.max(bottom, layCircuit(draft, site, feeder, { x, y: top, w: columnW, cells, depth: 1 }))
    }
    if (withOwn) {
      const x = left + inRow.length * (columnW + GAP)
      const frame = { x, y: barY + BUSBAR_H, w: columnW, cells, depth: 1 }
      bottom = Math.max(bottom, layStations(draft, own, frame))
    }
    if (row < rows - 1) barY = bottom + 22
  }
  if (rows > 1) draft.runs.push({ kind: 'busbar', x1: 0, y1: first, x2: 0, y2: barY })
  return bottom + 8
}

interface Block {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly cells: Cells
  readonly depth: number
}

function layCircuit(draft: Draft, site: SiteView, circuit: CircuitView, block: Block): number {
  const { x, y, w, cells, depth } = block
  draft.circuits.push({ circuit, depth, x, y, w, h: CARD_H })
  const own = site.stations.filter(({ circuitId }) => circuitId === circuit.id)
  const bottom = layStations(draft, own, { ...block, y: y + CARD_H })
  let next = bottom
  let lastTap = 0
  for (const child of site.circuits.filter(({ parentId }) => parentId === circuit.id)) {
    const top = next + 12
    lastTap = top + CARD_H / 2
    draft.runs.push({ kind: 'wire', x1: x + 4, y1: lastTap, x2: x + INSET + 6, y2: lastTap })
    next = layCircuit(draft, site, child, {
      x: x + INSET + 6,
      y: top,
      w: w - INSET - 6,
      cells,
      depth: depth + 1,
    })
  }
  if (lastTap > 0) draft.runs.push({ kind: 'feeder-bar', x1: x + 4, y1: y + CARD_H, x2: x + 4, y2: lastTap })
  return next
}

/** Cells in rows below a level feeder bar each; the bars hang on one plumb bar at the left. */
function layStations(draft: Draft, stations: readonly StationView[], block: Block): number {
  const { x, y, w, cells } = block
  if (stations.length === 0) return y
  const inner = w - INSET
  const perRow = Math.max(1, Math.min(stations.length, Math.floor((inner + 8) / (cells.minW + 8))))
  const cellW = Math.min(CELL_MAX_W, (inner - 8 * (perRow - 1)) / perRow)
  let barY = y + 12
  for (const [index, station] of stations.entries()) {
    const column = index % perRow
    if (column === 0 && index > 0) barY += TICK + cells.h + 10
    const cellX = x + INSET + column * (cellW + 8)
    const tickX = cellX + cellW / 2
    draft.runs.push({ kind: 'wire', x1: tickX, y1: barY, x2: tickX, y2: barY + TICK })
    draft.stations.push({ station, compact: cells.compact, x: cellX, y: barY + TICK, w: cellW, h: cells.h })
    if (column === perRow - 1 || index === stations.length - 1)
      draft.runs.push({ kind: 'feeder-bar', x1: x + 4, y1: barY, x2: tickX, y2: barY })
  }
  draft.runs.push({ kind: 'feeder-bar', x1: x + 4, y1: y, x2: x + 4, y2: barY })
  return barY + TICK + cells.h
}
