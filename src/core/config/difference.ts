/**
 * What is different between two configurations, in words a reader can follow: members of lists are told by their id, so
 * that a station put in front of another does not change all that follow. Knows no meaning of any key.
 */

export interface Change {
  /** Like "stations[CP-1].connectors[1].maxCurrentA". */
  readonly path: string
  /** JSON, cut where it is long. Absent = it was not there. */
  readonly before?: string
  /** Absent = it is gone. */
  readonly after?: string
}

const MAX_SHOWN = 160

/** In the order of the documents; empty when they say the same. Recurses as deep as the documents are. */
export function difference(before: unknown, after: unknown): readonly Change[] {
  // A first configuration part by part: in one piece nobody would read it.
  return changesAt('', before === undefined && isRecord(after) ? {} : before, after)
}

/** The parts of the document that changes lie in, like "circuits". */
export function partsOf(changes: readonly Change[]): readonly string[] {
  return [...new Set(changes.map(({ path }) => /^[^.[]*/.exec(path)?.[0] || '(document)'))]
}

function changesAt(path: string, before: unknown, after: unknown): readonly Change[] {
  if (before === undefined && after === undefined) return []
  if (before === undefined) return [{ path: named(path), after: shown(after) }]
  if (after === undefined) return [{ path: named(path), before: shown(before) }]
  if (Array.isArray(before) && Array.isArray(after)) return listChanges(path, before, after)
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return keys.flatMap(key =>
      changesAt(path === '' ? key : `${path}.${key}`, ownOf(before, key), ownOf(after, key)),
    )
  }
  const texts = { before: shown(before), after: shown(after) }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path: named(path), ...texts }]
}

function listChanges(path: string, before: readonly unknown[], after: readonly unknown[]): readonly Change[] {
  const old = byId(before)
  const now = byId(after)
  if (old === undefined || now === undefined) {
    const length = Math.max(before.length, after.length)
    return Array.from({ length }, (_, index) => index).flatMap(index =>
      changesAt(`${path}[${index}]`, before[index], after[index]),
    )
  }
  const ids = [...new Set([...old.keys(), ...now.keys()])]
  const changes = ids.flatMap(id => changesAt(`${path}[${id}]`, old.get(id), now.get(id)))
  const oldOrder = [...old.keys()].filter(id => now.has(id))
  const newOrder = [...now.keys()].filter(id => old.has(id))
  if (oldOrder.every((id, index) => newOrder[index] === id)) return changes
  return [...changes, { path: `${path} (order)`, before: shown(oldOrder), after: shown(newOrder) }]
}

/** Undefined where not every member has an id of its own. */
function byId(list: readonly unknown[]): ReadonlyMap<string, unknown> | undefined {
  const members = new Map<string, unknown>()
  for (const member of list) {
    const id = isRecord(member) ? ownOf(member, 'id') : undefined
    if (typeof id !== 'string' && typeof id !== 'number') return undefined
    if (members.has(String(id))) return undefined
    members.set(String(id), member)
  }
  return members
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function ownOf(record: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

function named(path: string): string {
  return path === '' ? '(document)' : path
}

function shown(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 1)}…` : text
}
