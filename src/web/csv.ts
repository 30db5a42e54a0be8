/** Tables as CSV (RFC 4180). A cell that a spreadsheet would take for a formula is quoted as text. */

export type Cell = string | number | undefined

export function csv(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return csvRows([head, ...rows])
}

export function csvRows(rows: readonly (readonly Cell[])[]): string {
  return `${rows.map(row => row.map(cell).join(',')).join('\r\n')}\r\n`
}

function cell(value: Cell): string {
  if (value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
