/**
 * The transactions of one station, found without a search by each of the ways they are asked for: a station that never
 * ends a session must not make each of its messages dearer than the one before.
 */
/** Finished transactions kept per station, so that a late MeterValues still finds its id. */
export const MAX_FINISHED = 8
/** No station has more connectors. */
export const MAX_OPEN = 255
/** Ended by the next Start of their connector and known to the CSMS, yet never stopped: nothing more comes of them. */
export const MAX_UNENDED = 255
/** Ids whose end was seen; what is said of one of them later begins no session. */
export const MAX_ENDED = 512

interface Facts {
  readonly connectorId: number
  readonly idTag: string
  readonly meterStartWh: number
  readonly timestamp: string
}

interface IndexedRecord extends Facts {
  readonly transactionId: number
  readonly csmsId?: number
  readonly state: 'open' | 'stopped' | 'finished'
  readonly confText?: string
  readonly isStray?: true
  readonly order: number
}

type Index<Key, R> = Map<Key, Map<number, R>>

export class StationRecords<R extends IndexedRecord> {
  readonly #all = new Map<number, R>()
  /** By station-side id, in the order of their beginning. */
  readonly #unfinished = new Map<number, R>()
  readonly #open = new Map<number, R>()
  /** Ended for the station and known to the CSMS. */
  readonly #unended = new Map<number, R>()
  /** In the order of their end. */
  readonly #finished = new Map<number, R>()
  /** Ends of what nobody knows: no transactions, only ids that are over. */
  readonly #stray = new Map<number, R>()
  readonly #ended = new Set<number>()
  readonly #openOn: Index<number, R> = new Map()
  readonly #byCsmsId: Index<number, R> = new Map()
  readonly #byFacts: Index<string, R> = new Map()

  get(transactionId: number): R | undefined {
    return this.#all.get(transactionId)
  }

  /** Its end was seen, however it was known. */
  hasEnded(transactionId: number): boolean {
    return this.#ended.has(transactionId)
  }

  enter(record: R): void {
    const { transactionId } = record
    this.#noteEnd(record)
    if (record.isStray === true) {
      this.#stray.set(transactionId, record)
      return
    }
    this.#stray.delete(transactionId)
    const before = this.#all.get(transactionId)
    // one that has its place keeps it, so that the newest stands last
    if (before !== undefined && (before.order !== record.order || record.state === 'finished'))
      this.forget(transactionId)
    else if (before !== undefined) this.#unindex(before)
    this.#all.set(transactionId, record)
    if (record.state === 'finished') this.#finished.set(transactionId, record)
    else this.#index(record)
  }

  forget(transactionId: number): void {
    const record = this.#all.get(transactionId)
    if (record === undefined) return
    this.#unindex(record)
    for (const map of [this.#all, this.#unfinished, this.#open, this.#unended, this.#finished])
      map.delete(transactionId)
  }

  openOn(connectorId: number): R | undefined {
    return newest(this.#openOn.get(connectorId))
  }

  byCsmsId(csmsId: number): R | undefined {
    return newest(this.#byCsmsId.get(csmsId))
  }

  sameStart(facts: Facts): R | undefined {
    return facts.timestamp === '' ? undefined : newest(this.#byFacts.get(factsKey(facts)))
  }

  /** The only open one whose station was told no id. */
  onlyUntold(): R | undefined {
    const untold = [...this.#open.values()].filter(record => record.confText === undefined)
    return untold.length === 1 ? untold[0] : undefined
  }

  unfinished(): readonly R[] {
    return [...this.#unfinished.values()]
  }

  surplus(): readonly R[] {
    return [...eldest(this.#open, MAX_OPEN), ...eldest(this.#unended, MAX_UNENDED)]
  }

  /** Finished ones beyond those kept for late messages. */
  dropSurplus(): readonly R[] {
    const surplus = eldest(this.#finished, MAX_FINISHED)
    for (const { transactionId } of surplus) this.forget(transactionId)
    const stray = eldest(this.#stray, MAX_FINISHED)
    for (const { transactionId } of stray) this.#stray.delete(transactionId)
    return [...surplus, ...stray]
  }

  /** An id that begins anew is over no more. */
  #noteEnd({ transactionId, state }: R): void {
    this.#ended.delete(transactionId)
    if (state === 'open') return
    this.#ended.add(transactionId)
    const [oldest] = this.#ended
    if (oldest !== undefined && this.#ended.size > MAX_ENDED) this.#ended.delete(oldest)
  }

  #index(record: R): void {
    const { transactionId, connectorId, csmsId, state } = record
    this.#unfinished.set(transactionId, record)
    add(this.#byFacts, factsKey(record), record)
    if (csmsId !== undefined) add(this.#byCsmsId, csmsId, record)
    if (state === 'open') {
      this.#open.set(transactionId, record)
      add(this.#openOn, connectorId, record)
    } else {
      this.#open.delete(transactionId)
      if (csmsId !== undefined) this.#unended.set(transactionId, record)
    }
  }

  #unindex(record: R): void {
    remove(this.#byFacts, factsKey(record), record)
    remove(this.#openOn, record.connectorId, record)
    if (record.csmsId !== undefined) remove(this.#byCsmsId, record.csmsId, record)
  }
}

function factsKey({ connectorId, idTag, meterStartWh, timestamp }: Facts): string {
  return JSON.stringify([connectorId, idTag, meterStartWh, timestamp])
}

function eldest<R>(records: ReadonlyMap<number, R>, most: number): R[] {
  if (records.size <= most) return []
  return [...records.values()].slice(0, records.size - most)
}

function add<Key, R extends IndexedRecord>(index: Index<Key, R>, key: Key, record: R): void {
  const found = index.get(key) ?? new Map<number, R>()
  found.set(record.transactionId, record)
  index.set(key, found)
}

function remove<Key, R extends IndexedRecord>(index: Index<Key, R>, key: Key, { transactionId }: R): void {
  const found = index.get(key)
  found?.delete(transactionId)
  if (found?.size === 0) index.delete(key)
}

function newest<R extends IndexedRecord>(records: ReadonlyMap<number, R> | undefined): R | undefined {
  let found: R | undefined
  for (const record of records?.values() ?? [])
    if (found === undefined || record.order > found.order) found = record
  return found
}
