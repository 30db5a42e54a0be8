/**
 * Keeps the security record: a log that listens to the log. What `core/security/security-event` knows is appended, chained and
 * saved; the same event about the same one is noted once an hour, counted in between. A record that cannot be read is put aside,
 * never written over; one that cannot be written is an alarm, and nothing waits for it.
 */
import { parseDocument } from '../core/config/faults.js'
import {
  brokenAt,
  ENTRIES_PER_FILE,
  FULL_FILES,
  hashedText,
  type SecurityRecordDocument,
  type SecurityRecordEntry,
  securityRecordSchema,
} from '../core/config/security-record.js'
import { type SecurityEvent, securityEventOf } from '../core/security/security-event.js'
import type { Clock, Files, Log, Secrets, Stoppable } from '../ports.js'

const NAME = 'security-record'
const REPEAT_AFTER_MS = 3_600_000
/** Different things that are remembered as just noted: a scanner with new names each time is bounded by it. */
const MAX_REMEMBERED = 500
/** New entries in one minute, whatever they are: more is a flood, told by one entry. */
const MAX_PER_MINUTE = 60

interface RecordPorts {
  readonly clock: Clock
  readonly files: Files
  readonly secrets: Pick<Secrets, 'digest'>
}

export class SecurityRecord {
  readonly #ports: RecordPorts
  #document: SecurityRecordDocument
  readonly #noted = new Map<string, { readonly atMs: number; repeats: number }>()
  #minute = { startMs: Number.NEGATIVE_INFINITY, count: 0 }
  #nextSeq: number
  #saveFault: string | undefined
  /** Where the chain was broken when it was opened. */
  readonly #broken: number | undefined
  readonly #counts = new Map<string, number>()
  readonly #listeners = new Set<(entry: SecurityRecordEntry) => void>()

  private constructor(ports: RecordPorts, document: SecurityRecordDocument) {
    this.#ports = ports
    this.#document = document
    this.#nextSeq = (document.entries.at(-1)?.seq ?? 0) + 1
    this.#broken = brokenAt(document, ports.secrets.digest)
  }

  /** Never rejects: what cannot be read is put aside, and the new one begins by saying so. */
  static async open(ports: RecordPorts): Promise<SecurityRecord> {
    const empty: SecurityRecordDocument = { version: 1, before: '', entries: [] }
    try {
      const found = await ports.files.load(NAME)
      const parsed = parseDocument(securityRecordSchema, found ?? empty)
      if (parsed.ok) {
        const record = new SecurityRecord(ports, parsed.value)
        if (record.#broken !== undefined)
          record.#append({ type: 'SecurityLogWasChanged', detail: `entry ${record.#broken}` })
        return record
      }
      await ports.files.save(`${NAME}-aside`, found)
    } catch (fault) {
      const record = new SecurityRecord(ports, empty)
      record.#append({ type: 'SecurityLogWasCleared', detail: reasonOf(fault) })
      return record
    }
    const record = new SecurityRecord(ports, empty)
    record.#append({ type: 'SecurityLogWasCleared', detail: 'not a security record; put aside' })
    return record
  }

  /** The same log, and what is of the record in the record. */
  listening<L extends Log>(log: L): L {
    return {
      ...log,
      write: (level, event, fields) => {
        log.write(level, event, fields)
        const found = securityEventOf(event, fields ?? {})
        if (found !== undefined) this.#note(found)
      },
    }
  }

  /** Oldest first: those of the present file. */
  entries(): readonly SecurityRecordEntry[] {
    return this.#document.entries
  }

  state(): { readonly brokenAt?: number; readonly saveFault?: string } {
    return {
      ...(this.#broken !== undefined && { brokenAt: this.#broken }),
      ...(this.#saveFault !== undefined && { saveFault: this.#saveFault }),
    }
  }

  /** Events since this start by type, also those that made no entry of their own. */
  counts(): ReadonlyMap<string, number> {
    return this.#counts
  }

  onEntry(told: (entry: SecurityRecordEntry) => void): Stoppable {
    this.#listeners.add(told)
    return { stop: async () => void this.#listeners.delete(told) }
  }

  #note(event: SecurityEvent): void {
    this.#count(event)
    const nowMs = this.#ports.clock.monoMs()
    const key = JSON.stringify([event.type, event.about, event.detail])
    const before = this.#noted.get(key)
    if (before !== undefined && nowMs - before.atMs < REPEAT_AFTER_MS) {
      before.repeats++
      return
    }
    this.#noted.delete(key)
    this.#noted.set(key, { atMs: nowMs, repeats: 0 })
    const oldest = this.#noted.keys().next()
    if (this.#noted.size > MAX_REMEMBERED && oldest.done !== true) this.#noted.delete(oldest.value)
    const isFlood = this.#isFlood(nowMs)
    if (isFlood === 'begins')
      this.#append({ type: 'SecurityEventsFlood', detail: `more than ${MAX_PER_MINUTE} a minute` })
    if (isFlood !== 'no') return
    const repeats = before?.repeats ?? 0
    const again = repeats === 0 ? '' : `${event.detail === undefined ? '' : ', '}${repeats} more before`
    const detail = `${event.detail ?? ''}${again}`
    this.#append({ ...event, ...(detail !== '' && { detail }) })
  }

  /** Types are a closed list. */
  #count({ type }: SecurityEvent): void {
    this.#counts.set(type, (this.#counts.get(type) ?? 0) + 1)
  }

  #isFlood(nowMs: number): 'no' | 'begins' | 'lasts' {
    if (nowMs - this.#minute.startMs >= 60_000) this.#minute = { startMs: nowMs, count: 0 }
    this.#minute.count++
    if (this.#minute.count <= MAX_PER_MINUTE) return 'no'
    return this.#minute.count === MAX_PER_MINUTE + 1 ? 'begins' : 'lasts'
  }

  #append({ about, detail, type }: SecurityEvent): void {
    this.#rotate()
    const { before, entries } = this.#document
    const last = entries.at(-1)
    const body = {
      seq: this.#nextSeq++,
      at: new Date(this.#ports.clock.wallMs()).toISOString(),
      type,
      ...(about !== undefined && { about: about.slice(0, 300) }),
      ...(detail !== undefined && { detail: detail.slice(0, 300) }),
    }
    const entry = { ...body, hash: this.#ports.secrets.digest(hashedText(last?.hash ?? before, body)) }
    this.#document = { ...this.#document, entries: [...entries, entry] }
    this.#save(NAME, this.#document)
    for (const told of this.#listeners) told(entry)
  }

  #rotate(): void {
    const { entries } = this.#document
    const last = entries.at(-1)
    if (entries.length < ENTRIES_PER_FILE || last === undefined) return
    const number = (Math.floor(last.seq / ENTRIES_PER_FILE) % FULL_FILES) + 1
    this.#save(`${NAME}-${number}`, this.#document)
    // the first entry of the new one goes on from the last of the old
    this.#document = { version: 1, before: last.hash, entries: [] }
  }

  #save(name: string, document: SecurityRecordDocument): void {
    this.#ports.files.save(name, document).then(
      () => {
        this.#saveFault = undefined
      },
      (fault: unknown) => {
        this.#saveFault = reasonOf(fault)
      },
    )
  }
}

function reasonOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault)
}
