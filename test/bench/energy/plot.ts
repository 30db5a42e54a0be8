/** Lines over capacities as plain SVG, with a legend. */

export interface Series {
  readonly name: string
  /** One per capacity. */
  readonly percents: readonly number[]
}

const TITLE = 'Share of the energy asked for, by what the site may draw'
const WIDTH = 760
const HEIGHT = 420
const LEFT = 50
const RIGHT = 250
const TOP = 20
const BOTTOM = 40
const COLOURS = [
  '#b4531a',
  '#1f6f8b',
  '#4b7f3a',
  '#7a4a9e',
  '#b8860b',
  '#444444',
  '#c2185b',
  '#00796b',
  '#5d4037',
  '#0d47a1',
]

export function plot(capacitiesKw: readonly number[], series: readonly Series[]): string {
  const all = series.flatMap(({ percents }) => percents)
  const least = Math.floor(Math.min(100, ...all) / 10) * 10
  const [first = 0] = capacitiesKw
  const last = capacitiesKw.at(-1) ?? 1
  const x = (kw: number) => LEFT + ((kw - first) / Math.max(1, last - first)) * (WIDTH - LEFT - RIGHT)
  const y = (percent: number) => TOP + ((100 - percent) / Math.max(1, 100 - least)) * (HEIGHT - TOP - BOTTOM)
  const text = (at: { x: number; y: number; anchor?: string }, words: string) =>
    `<text x="${at.x.toFixed(1)}" y="${at.y.toFixed(1)}" text-anchor="${at.anchor ?? 'start'}">${words}</text>`
  const grid: string[] = []
  for (let percent = least; percent <= 100; percent += 10) {
    grid.push(`<path d="M${LEFT} ${y(percent).toFixed(1)}H${WIDTH - RIGHT}" stroke="#ddd"/>`)
    grid.push(text({ x: LEFT - 6, y: y(percent) + 4, anchor: 'end' }, `${percent} %`))
  }
  for (const kw of capacitiesKw)
    grid.push(text({ x: x(kw), y: HEIGHT - BOTTOM + 18, anchor: 'middle' }, `${kw} kW`))
  const lines = series.map(({ name, percents }, index) => {
    const colour = COLOURS[index % COLOURS.length]
    const points = percents.map(
      (percent, at) => `${x(capacitiesKw[at] ?? 0).toFixed(1)},${y(percent).toFixed(1)}`,
    )
    const atY = TOP + 14 + index * 18
    const legendX = WIDTH - RIGHT + 16
    return [
      `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      `<path d="M${legendX} ${atY - 4}h18" stroke="${colour}" stroke-width="3"/>`,
      text({ x: legendX + 24, y: atY }, name),
    ].join('')
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11"><title>${TITLE}</title><rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>${grid.join('')}${lines.join('')}</svg>\n`
}
