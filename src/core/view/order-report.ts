/**
 * The one page a network operator asks for about an order: what was ordered by whom, when it came, was told, accepted and kept,
 * what flowed by quarter of an hour, and by which hash it can be checked. HTML to be saved or printed; loads nothing.
 */
import { isOfPage } from '../limits/limit.js'
import type { KeptOrderEntry } from '../limits/trail.js'

interface ReportSite {
  readonly siteId: string
  readonly timeZone: string
}

export function orderReport(order: KeptOrderEntry, { siteId, timeZone }: ReportSite): string {
  const time = timeText(timeZone)
  const step = (what: string, at: string | undefined, none: string): readonly [string, string] => [
    what,
    at === undefined ? none : `${time(at)}${after(order.received, at)}`,
  ]
  const rows: readonly (readonly [string, string])[] = [
    ['Site', siteId],
    ['Order', order.id],
    ['Given', givenText(order)],
    ['For', order.onlyStations === true ? `the stations of ${order.target}, together` : order.target],
    [
      'Ordered value',
      order.state === 'fallback' ? `${order.value}, because its source was silent` : order.value,
    ],
    ['Reason given', order.reason ?? 'none'],
    ['Received', time(order.received)],
    ...(order.seenFrom === undefined
      ? []
      : [['Busbar started', `${time(order.seenFrom)}; what was before is not known`] as const]),
    step('First station told', order.firstWrite, order.lastAccepted === undefined ? 'none was' : NOBODY),
    order.firstWrite === undefined && order.lastAccepted !== undefined
      ? ['Last station had accepted', NOBODY]
      : step('Last station had accepted', order.lastAccepted, 'not seen: one was away, or did not answer'),
    step('Measured at or below since', order.heldSince, 'not seen, or not measured'),
    ['Ended', time(order.ended)],
    [
      'Record',
      `no. ${order.seq}, ${order.isIntact ? 'unchanged since it was written' : 'CHANGED since it was written'}`,
    ],
    [order.seq === 0 ? 'SHA-256 of this first record' : 'SHA-256, with the record before', order.hash],
  ]
  const title = `Order ${order.id} of ${time(order.received)}`
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    `<title>${escaped(title)}</title><style>${STYLE}</style></head><body>`,
    `<h1>${escaped(title)}</h1>`,
    `<table>${rows.map(row).join('')}</table>`,
    '<h2>Mean power by quarter of an hour</h2>',
    quarterTable(order, time),
    `<p>Times are those of ${escaped(timeZone)}. A mean is that of the time in which it was measured.</p>`,
    '</body></html>',
    '',
  ].join('\n')
}

const NOBODY = 'no station had to draw less'

function givenText(order: KeptOrderEntry): string {
  const { source, by } = order
  if (isOfPage(order)) return `on the page, by ${by}`
  switch (source) {
    case 'api':
      return `through the API, by ${by}`
    case 'mqtt':
      return 'through MQTT'
    case 'modbus':
      return 'through the Modbus register'
    case 'grid':
      return `by the grid operator, through ${by === 'input' ? 'a contact' : by}`
    case 'window':
      return 'by the hours of the configuration'
    case 'g100':
      return 'by the import limit of the configuration'
    case 'silence':
      return 'by the configuration, while its source was silent'
    default:
      return `${source}, by ${by}`
  }
}

function quarterTable({ quarters = [] }: KeptOrderEntry, time: (at: string) => string): string {
  if (quarters.length === 0) return '<p>None was measured.</p>'
  const rows = quarters.map(({ from, meanW, knownPercent, lastedS }) =>
    cells('td', [
      time(from),
      meanW === undefined ? 'not known' : `${(meanW / 1000).toFixed(2)} kW`,
      `${knownPercent} %`,
      `${lastedS} s`,
    ]),
  )
  return `<table>${cells('th', ['Quarter hour', 'Mean', 'Measured', 'Under the order'])}${rows.join('')}</table>`
}

const STYLE =
  'body{font:11pt sans-serif;margin:2cm}table{border-collapse:collapse}th,td{border:1px solid #999;padding:.2em .6em;text-align:left;overflow-wrap:anywhere}'

const row = ([what, text]: readonly [string, string]): string =>
  `<tr><th>${escaped(what)}</th><td>${escaped(text)}</td></tr>`

const cells = (tag: 'td' | 'th', texts: readonly string[]): string =>
  `<tr>${texts.map(text => `<${tag}>${escaped(text)}</${tag}>`).join('')}</tr>`

/** What a controller gave as id or reason is text, whatever it looks like. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

function timeText(timeZone: string): (at: string) => string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    ...{ timeZone, dateStyle: 'short', timeStyle: 'medium' },
  })
  return at => {
    const wallMs = Date.parse(at)
    return Number.isNaN(wallMs) ? at : format.format(wallMs)
  }
}

function after(from: string, at: string): string {
  const s = (Date.parse(at) - Date.parse(from)) / 1000
  return Number.isFinite(s) ? ` (after ${s.toFixed(1)} s)` : ''
}
