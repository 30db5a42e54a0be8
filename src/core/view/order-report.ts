/**
 * The one page a network operator asks for about an order: what was ordered by whom, when it came, was told, accepted and kept,
 * what flowed by quarter of an hour, and by which hash it can be checked; in the language of whoever reads it. HTML to be saved or printed; loads nothing.
 */
import { isOfPage } from '../limits/limit.js'
import type { KeptOrderEntry } from '../limits/trail.js'
import { type ReportLanguage, type ReportWords, reportWords } from '../words/order-report.js'

interface ReportSite {
  readonly siteId: string
  readonly timeZone: string
  readonly language: ReportLanguage
}

export function orderReport(order: KeptOrderEntry, { siteId, timeZone, language }: ReportSite): string {
  const words = reportWords(language)
  const time = timeText(timeZone)
  const title = words('title', { id: order.id, time: time(order.received) })
  return [
    '<!doctype html>',
    `<html lang="${language}"><head><meta charset="utf-8">`,
    `<title>${escaped(title)}</title><style>${STYLE}</style></head><body>`,
    `<h1>${escaped(title)}</h1>`,
    `<table>${rowsOf(order, siteId, { words, time }).map(row).join('')}</table>`,
    `<h2>${escaped(words('quarters'))}</h2>`,
    quarterTable(order, { words, time }),
    `<p>${escaped(words('times', { timeZone }))}</p>`,
    '</body></html>',
    '',
  ].join('\n')
}

interface Speech {
  readonly words: ReportWords
  readonly time: (at: string) => string
}

function rowsOf(
  order: KeptOrderEntry,
  siteId: string,
  { words, time }: Speech,
): readonly (readonly [string, string])[] {
  const { seq, target, value, firstWrite, lastAccepted } = order
  const step = (what: string, at: string | undefined, none: string): readonly [string, string] => [
    what,
    at === undefined ? none : afterText(order.received, at, { words, time }),
  ]
  return [
    [words('site'), siteId],
    [words('order'), order.id],
    [words('given'), givenText(order, words)],
    [words('target'), order.onlyStations === true ? words('stationsOf', { target }) : target],
    [words('value'), order.state === 'fallback' ? words('fallback', { value }) : value],
    [words('reason'), order.reason ?? words('noReason')],
    [words('received'), time(order.received)],
    ...(order.seenFrom === undefined
      ? []
      : [[words('started'), words('unknownBefore', { time: time(order.seenFrom) })] as const]),
    step(words('told'), firstWrite, words(lastAccepted === undefined ? 'noneTold' : 'nobody')),
    firstWrite === undefined && lastAccepted !== undefined
      ? [words('accepted'), words('nobody')]
      : step(words('accepted'), lastAccepted, words('notAccepted')),
    step(words('held'), order.heldSince, words('notHeld')),
    [words('ended'), time(order.ended)],
    [words('record'), words(order.isIntact ? 'unchanged' : 'changed', { seq })],
    [words(seq === 0 ? 'firstHash' : 'hash'), order.hash],
  ]
}

function givenText(order: KeptOrderEntry, words: ReportWords): string {
  const { source, by } = order
  if (isOfPage(order)) return words('byPage', { by })
  switch (source) {
    case 'api':
      return words('byApi', { by })
    case 'mqtt':
      return words('byMqtt')
    case 'modbus':
      return words('byModbus')
    case 'grid':
      return by === 'input' ? words('byContact') : words('byGrid', { by })
    case 'window':
      return words('byWindow')
    case 'g100':
      return words('byG100')
    case 'mean':
      return words('byMean')
    case 'silence':
      return words('bySilence')
    default:
      return words('byOther', { source, by })
  }
}

function quarterTable({ quarters = [] }: KeptOrderEntry, { words, time }: Speech): string {
  if (quarters.length === 0) return `<p>${escaped(words('noQuarters'))}</p>`
  const rows = quarters.map(({ from, meanW, knownPercent, lastedS }) =>
    cells('td', [
      time(from),
      meanW === undefined ? words('notKnown') : `${decimal(meanW / 1000, 2, words)} kW`,
      `${knownPercent} %`,
      `${lastedS} s`,
    ]),
  )
  const heads = [words('quarter'), words('mean'), words('measured'), words('under')]
  return `<table>${cells('th', heads)}${rows.join('')}</table>`
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

function afterText(from: string, at: string, { words, time }: Speech): string {
  const s = (Date.parse(at) - Date.parse(from)) / 1000
  return Number.isFinite(s) ? words('after', { time: time(at), s: decimal(s, 1, words) }) : time(at)
}

/** Without marks between thousands, which the languages write as each other's decimal mark. */
function decimal(value: number, places: number, words: ReportWords): string {
  const exact = { minimumFractionDigits: places, maximumFractionDigits: places, useGrouping: false }
  return new Intl.NumberFormat(words('locale'), exact).format(value)
}
