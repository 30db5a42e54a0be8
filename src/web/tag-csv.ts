/**
 * The operator's list of tags as CSV (RFC 4180), for whoever keeps it in a spreadsheet: out and in again unchanged. A
 * cell that would be taken for a formula goes out as text, and comes back as it was.
 */
import { show } from '../core/config/shown.js'
import { type Refusal, refusal } from '../core/words/refused.js'
import { csv } from './csv.js'

export const TAG_COLUMNS = ['idTag', 'status', 'expiryDate', 'parentIdTag', 'note'] as const

type TagRow = { readonly [K in (typeof TAG_COLUMNS)[number]]?: string | undefined }

export function tagCsv(rows: readonly TagRow[]): string {
  return csv(
    TAG_COLUMNS,
    rows.map(row => TAG_COLUMNS.map(column => row[column])),
  )
}

/** Rows by their column names, in any order; empty cells are left out. A fault is told with its line. */
export function parseTagCsv(
  text: string,
): readonly Readonly<Record<string, string>>[] | { readonly fault: Refusal } {
  const [head, ...rows] = cells(text)
  const names = head ?? []
  const columns: readonly string[] = TAG_COLUMNS
  const strange = names.find(name => !columns.includes(name))
  if (strange !== undefined || !names.includes('idTag'))
    return {
      fault: refusal('unfit-columns', {
        found: show(strange?.slice(0, 40) ?? ''),
        columns: TAG_COLUMNS.join(','),
      }),
    }
  const found: Readonly<Record<string, string>>[] = []
  for (const [at, row] of rows.entries()) {
    if (row.length !== names.length)
      return { fault: refusal('unfit-row', { line: at + 2, count: row.length, wanted: names.length }) }
    const given = names.flatMap((name, column) => {
      const cell = asWritten(row[column] ?? '')
      return cell === '' ? [] : [[name, cell] as const]
    })
    found.push(Object.fromEntries(given))
  }
  return found
}

const asWritten = (cell: string): string => (/^'[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell.trim())

/** Lines of cells; quoted ones may hold commas, quotes and line breaks. Empty lines are none. */
function cells(text: string): readonly (readonly string[])[] {
  const rows: string[][] = []
  const pattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/gy
  let row: string[] = []
  // Spreadsheets begin a file with a byte order mark.
  const body = text.replace(/^\uFEFF/, '')
  for (let match = pattern.exec(body); match !== null; match = pattern.exec(body)) {
    const [whole, quoted, plain = '', end] = match
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end !== ',') {
      if (row.length > 1 || row[0] !== '') rows.push(row)
      row = []
    }
    if (whole === '' || pattern.lastIndex >= body.length) break
  }
  return rows
}
