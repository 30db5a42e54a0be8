/**
 * Orders that have ended, each with what became of it, chained: every entry carries the hash of the one before, so that one that was
 * changed or taken out afterwards shows. The oldest go first beyond the bound.
 */

import { isFields, textAt } from '../core/fields.js'
import { type QuarterMean, quarterMeans } from '../core/limits/quarter-means.js'
import type { EndedOrder, KeptOrderEntry, OrderEntry } from '../core/limits/trail.js'
import type { Journal, JournalOp, Secrets } from '../ports.js'
import { folder, parseText } from './layout.js'

const { from: FROM, to: TO } = folder('order')
const DIGITS = 12
const PAGE = 256
export const MAX_KEPT_ORDERS = 5_000

export interface OrderStore {
  /** Rejects when the disk fails. In the order of the calls. */
  append(order: EndedOrder): Promise<void>
  /** Oldest first. */
  read(): Promise<readonly KeptOrderEntry[]>
}

export async function openOrderStore(
  journal: Journal,
  secrets: Pick<Secrets, 'digest'>,
): Promise<OrderStore> {
  const entries = await allOf(journal)
  let first = entries[0]?.seq ?? 0
  let next = (entries.at(-1)?.seq ?? -1) + 1
  let lastHash = textAt(entries.at(-1)?.value, 'hash') ?? ''
  return {
    append: async order => {
      const before = lastHash
      const text = JSON.stringify(entryOf(order))
      lastHash = secrets.digest(`${before}\n${text}`)
      const value = JSON.stringify({ before, text, hash: lastHash })
      const ops: JournalOp[] = [{ kind: 'put', key: keyOf(next), value }]
      next += 1
      for (; next - first > MAX_KEPT_ORDERS; first++) ops.push({ kind: 'delete', key: keyOf(first) })
      await journal.commit(ops, true)
    },
    read: async () => {
      let before: string | undefined
      return (await allOf(journal)).flatMap(({ seq, value }) => {
        const text = textAt(value, 'text')
        const hash = textAt(value, 'hash') ?? ''
        const prior = textAt(value, 'before') ?? ''
        const entry = text === undefined ? undefined : entryAt(parseText(text))
        const isIntact = (before ?? prior) === prior && secrets.digest(`${prior}\n${text}`) === hash
        before = hash
        return entry === undefined ? [] : [{ ...entry, seq, hash, isIntact }]
      })
    },
  }
}

async function allOf(
  journal: Journal,
): Promise<readonly { readonly seq: number; readonly value: unknown }[]> {
  const all: { readonly seq: number; readonly value: unknown }[] = []
  let from = FROM
  for (;;) {
    const page = await journal.scan(from, TO, PAGE)
    for (const { key, value } of page)
      all.push({ seq: Number(key.slice(FROM.length)), value: parseText(value) })
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return all
    from = `${last.key}\u0000`
  }
}

const keyOf = (seq: number): string => `${FROM}${String(seq).padStart(DIGITS, '0')}`

function entryOf({ limit, endedWallMs, ...trail }: EndedOrder): OrderEntry {
  const { source, id, target, value, state, by, reason } = limit
  const place =
    target.kind === 'circuit' ? target.circuitId : target.kind === 'site' ? 'site' : target.stationId
  const connector =
    target.kind === 'station' && target.connectorId !== undefined ? `/${target.connectorId}` : ''
  return {
    ...{ source, id, target: `${place}${connector}`, state, by },
    ...(target.kind !== 'station' && target.onlyStations === true && { onlyStations: true as const }),
    value: value.unit === 'A' ? `${value.perPhase} A` : `${value.total} W`,
    ...(reason !== undefined && { reason }),
    received: iso(trail.receivedWallMs),
    ...(trail.firstWriteWallMs !== undefined && { firstWrite: iso(trail.firstWriteWallMs) }),
    ...(trail.acceptedWallMs !== undefined && { lastAccepted: iso(trail.acceptedWallMs) }),
    ...(trail.heldWallMs !== undefined && { heldSince: iso(trail.heldWallMs) }),
    ended: iso(endedWallMs),
    ...(trail.seenFromWallMs !== undefined && { seenFrom: iso(trail.seenFromWallMs) }),
    quarters: quarterMeans(trail.quarters),
  }
}

/** Undefined for what is no entry of ours. */
function entryAt(value: unknown): OrderEntry | undefined {
  if (!isFields(value)) return undefined
  const need = (name: string): string => textAt(value, name) ?? '?'
  const may = <K extends string>(name: K): Partial<Record<K, string>> => {
    const text = textAt(value, name)
    const found: Partial<Record<K, string>> = {}
    if (text !== undefined) found[name] = text
    return found
  }
  return {
    ...{ source: need('source'), id: need('id'), target: need('target'), value: need('value') },
    ...{ state: need('state'), by: need('by'), received: need('received'), ended: need('ended') },
    ...may('reason'),
    ...(Reflect.get(value, 'onlyStations') === true && { onlyStations: true as const }),
    ...may('firstWrite'),
    ...may('lastAccepted'),
    ...may('heldSince'),
    ...may('seenFrom'),
    ...quartersAt(Reflect.get(value, 'quarters')),
  }
}

function quartersAt(value: unknown): Pick<OrderEntry, 'quarters'> {
  if (!Array.isArray(value)) return {}
  const quarters = value.filter(isFields).flatMap((quarter): readonly QuarterMean[] => {
    const [meanW, knownPercent, lastedS] = ['meanW', 'knownPercent', 'lastedS'].map(name => {
      const found: unknown = Reflect.get(quarter, name)
      return typeof found === 'number' ? found : undefined
    })
    const from = textAt(quarter, 'from')
    if (from === undefined || knownPercent === undefined || lastedS === undefined) return []
    return [{ from, knownPercent, lastedS, ...(meanW !== undefined && { meanW }) }]
  })
  return { quarters }
}

const iso = (wallMs: number): string => new Date(wallMs).toISOString()
