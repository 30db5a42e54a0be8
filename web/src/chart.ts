/**
 * Lines over time on a canvas: axes, gaps, steps, names beside their ends and a cursor. It knows no circuits. A library would
 * be a third of all that the page loads.
 */
import { timeTicks, valueTicks } from './chart-ticks.js'
import { labelEnds } from './plot-labels.js'
import { number } from './words/numbers.js'

export interface Line {
  readonly name: string
  readonly color: string
  readonly width: number
  readonly dash: readonly number[]
  /** Its value holds until the next point. */
  readonly isStepped: boolean
}

export interface Look {
  readonly lines: readonly Line[]
  readonly fontFamily: string
  readonly axisColor: string
  readonly gridColor: string
  readonly cursorColor: string
  /** Beside the lines, px. */
  readonly right: number
  tickText(atS: number, index: number, ticks: readonly number[]): string
}

/** Unix seconds, and a row of values per line; null where there is none. */
export type Rows = readonly [readonly number[], ...(readonly (number | null)[])[]]

export interface Scales {
  readonly fromS: number
  readonly untilS: number
  readonly lowest: number
  readonly most: number
}

const TOP = 10
const BOTTOM = 24
const LEFT = 38
const TICK = 4
/** Between ticks at least, px. */
const TIME_SPACE = 70
const VALUE_SPACE = 32

export class Chart {
  readonly #host: HTMLElement
  readonly #look: Look
  readonly #canvas = document.createElement('canvas')
  readonly #pen = this.#canvas.getContext('2d')
  readonly #ended = new AbortController()
  readonly #observer: ResizeObserver
  readonly #onHover: (index: number | undefined) => void
  #rows: Rows = [[]]
  #scales: Scales = { fromS: 0, untilS: 1, lowest: 0, most: 1 }
  #cursorX: number | undefined
  #hovered: number | undefined
  #frame: number | undefined

  /** Fills `host`. `onHover`: the index of the point nearest to the pointer. */
  constructor(host: HTMLElement, look: Look, onHover: (index: number | undefined) => void) {
    this.#host = host
    this.#look = look
    this.#onHover = onHover
    this.#canvas.ariaHidden = 'true'
    host.append(this.#canvas)
    const { signal } = this.#ended
    const point = (event: PointerEvent) => this.#point(event.clientX - host.getBoundingClientRect().left)
    host.addEventListener('pointermove', point, { signal })
    host.addEventListener('pointerdown', point, { signal })
    host.addEventListener('pointerleave', () => this.#point(undefined), { signal })
    this.#observer = new ResizeObserver(() => this.#soon())
    this.#observer.observe(host)
  }

  /** The rows may be changed and shown again. */
  show(rows: Rows, scales: Scales): void {
    this.#rows = rows
    this.#scales = scales
    this.#hover()
    this.#soon()
  }

  end(): void {
    this.#ended.abort()
    this.#observer.disconnect()
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    this.#canvas.remove()
  }

  #point(x: number | undefined): void {
    this.#cursorX = x
    this.#hover()
    this.#soon()
  }

  #hover(): void {
    const index = this.#cursorX === undefined ? undefined : this.#nearest(this.#cursorX)
    if (index === this.#hovered) return
    this.#hovered = index
    this.#onHover(index)
  }

  #nearest(x: number): number | undefined {
    const { fromS, untilS } = this.#scales
    const [times] = this.#rows
    const atS = fromS + ((x - LEFT) / Math.max(1, this.#width())) * (untilS - fromS)
    if (times.length === 0 || atS < fromS || atS > untilS) return undefined
    const next = times.findIndex(time => time >= atS)
    if (next < 0) return times.length - 1
    return next > 0 && atS - (times[next - 1] ?? 0) < (times[next] ?? 0) - atS ? next - 1 : next
  }

  #soon(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined
      this.#draw()
    })
  }

  #width(): number {
    return this.#host.clientWidth - LEFT - this.#look.right
  }

  #height(): number {
    return this.#host.clientHeight - TOP - BOTTOM
  }

  #xOf(atS: number): number {
    const { fromS, untilS } = this.#scales
    return LEFT + ((atS - fromS) / (untilS - fromS)) * this.#width()
  }

  #yOf(value: number): number {
    const { lowest, most } = this.#scales
    return TOP + (1 - (value - lowest) / (most - lowest)) * this.#height()
  }

  #draw(): void {
    const pen = this.#pen
    const { clientWidth, clientHeight } = this.#host
    if (pen === null || this.#width() <= 0 || this.#height() <= 0) return
    const ratio = devicePixelRatio
    const [width, height] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)]
    if (this.#canvas.width !== width) this.#canvas.width = width
    if (this.#canvas.height !== height) this.#canvas.height = height
    pen.setTransform(ratio, 0, 0, ratio, 0, 0)
    pen.clearRect(0, 0, clientWidth, clientHeight)
    this.#drawAxes(pen)
    pen.save()
    pen.beginPath()
    pen.rect(LEFT, TOP - 2, this.#width(), this.#height() + 4)
    pen.clip()
    for (const [index, line] of this.#look.lines.entries())
      this.#drawLine(pen, line, this.#rows[index + 1] ?? [])
    this.#drawCursor(pen)
    pen.restore()
    this.#drawNames(pen)
  }

  #drawAxes(pen: CanvasRenderingContext2D): void {
    const { fontFamily, axisColor, gridColor, tickText } = this.#look
    const { fromS, untilS, lowest, most } = this.#scales
    const [right, bottom] = [LEFT + this.#width(), TOP + this.#height()]
    pen.font = `11px ${fontFamily}`
    pen.fillStyle = axisColor
    pen.strokeStyle = gridColor
    pen.lineWidth = 1
    pen.setLineDash([])
    pen.beginPath()
    pen.textAlign = 'right'
    pen.textBaseline = 'middle'
    // Before anything is known there is no scale.
    const steps = this.#rows[0].length === 0 ? 0 : Math.floor(this.#height() / VALUE_SPACE)
    for (const value of steps === 0 ? [] : valueTicks(lowest, most, steps)) {
      const y = crisp(this.#yOf(value))
      pen.moveTo(LEFT - TICK, y)
      pen.lineTo(right, y)
      pen.fillText(number(value), LEFT - TICK - 3, y)
    }
    pen.textAlign = 'center'
    pen.textBaseline = 'top'
    const ticks = timeTicks(fromS, untilS, Math.floor(this.#width() / TIME_SPACE), wallOffsetS)
    for (const [index, atS] of ticks.entries()) {
      const x = crisp(this.#xOf(atS))
      pen.moveTo(x, TOP)
      pen.lineTo(x, bottom + TICK)
      pen.fillText(tickText(atS, index, ticks), x, bottom + TICK + 4)
    }
    pen.stroke()
  }

  #drawLine(
    pen: CanvasRenderingContext2D,
    { color, width, dash, isStepped }: Line,
    row: readonly (number | null)[],
  ): void {
    const [times] = this.#rows
    pen.strokeStyle = color
    pen.lineWidth = width
    pen.lineJoin = 'round'
    pen.setLineDash([...dash])
    pen.beginPath()
    let lastY: number | undefined
    for (const [index, atS] of times.entries()) {
      const value = row[index] ?? null
      if (value === null) {
        lastY = undefined
        continue
      }
      const [x, y] = [this.#xOf(atS), this.#yOf(value)]
      if (lastY === undefined) pen.moveTo(x, y)
      else {
        if (isStepped) pen.lineTo(x, lastY)
        pen.lineTo(x, y)
      }
      lastY = y
    }
    pen.stroke()
  }

  #drawCursor(pen: CanvasRenderingContext2D): void {
    const atS = this.#hovered === undefined ? undefined : this.#rows[0][this.#hovered]
    if (atS === undefined || this.#hovered === undefined) return
    const x = crisp(this.#xOf(atS))
    pen.strokeStyle = this.#look.cursorColor
    pen.lineWidth = 1
    pen.setLineDash([4, 3])
    pen.beginPath()
    pen.moveTo(x, TOP)
    pen.lineTo(x, TOP + this.#height())
    pen.stroke()
    for (const [index, { color }] of this.#look.lines.entries()) {
      const value = this.#rows[index + 1]?.[this.#hovered] ?? null
      if (value === null) continue
      pen.fillStyle = color
      pen.beginPath()
      pen.arc(x, this.#yOf(value), 3, 0, 2 * Math.PI)
      pen.fill()
    }
  }

  #drawNames(pen: CanvasRenderingContext2D): void {
    const ends = this.#look.lines.flatMap(({ name, color }, index) => {
      const value = this.#rows[index + 1]?.at(-1) ?? null
      return value === null ? [] : [{ name, color, y: this.#yOf(value) }]
    })
    pen.font = `600 11px ${this.#look.fontFamily}`
    labelEnds(pen, LEFT + this.#width() + 5, ends)
  }
}

/** Where a line of one pixel is sharp. */
const crisp = (at: number): number => Math.round(at) + 0.5

const wallOffsetS = (atS: number): number => -60 * new Date(atS * 1000).getTimezoneOffset()
