/** Keeps alarms that were: written when they begin, when somebody takes note, and when they are over. Bounded. */
import { type AlarmRecord, alarmNews, decodeAlarm, troubleKey } from '../core/view/alarm-record.js'
import type { AlarmView } from '../core/view/document.js'
import type { PastAlarmView } from '../core/view/record-document.js'
import { type AlarmEvent, alarmEvent } from '../core/view/site-events.js'
import type { JournalOp, Ports } from '../ports.js'
import { openTimeline, type Timeline } from '../store/timeline-store.js'
import { Listeners } from './listeners.js'

const MAX_ALARMS = 10_000
/** So many written, and the oldest are looked after. */
const TIDY_EVERY = 500

export class AlarmRecords {
  readonly news = new Listeners<AlarmEvent>()
  readonly #ports: Pick<Ports, 'clock' | 'log' | 'journal'>
  readonly #kept: Timeline<AlarmRecord>
  #holds: ReadonlyMap<string, AlarmView> = new Map()
  #written = 0

  constructor(ports: Pick<Ports, 'clock' | 'log' | 'journal'>) {
    this.#ports = ports
    const { journal, log } = ports
    this.#kept = openTimeline({ journal, log, name: 'alarm', most: MAX_ALARMS, decode: decodeAlarm })
  }

  /** Each second, the alarms of then. */
  look(alarms: readonly AlarmView[]): void {
    const atIso = new Date(this.#ports.clock.wallMs()).toISOString()
    const { changed, over } = alarmNews(this.#holds, alarms, atIso)
    if (changed.length === 0 && over.length === 0) return
    for (const record of [...over, ...changed])
      this.news.tell(alarmEvent(record, this.#holds.has(troubleKey(record))))
    this.#holds = new Map(alarms.map(alarm => [troubleKey(alarm), alarm]))
    const ops = [...over, ...changed].map((record): JournalOp => {
      // Ids of stations and circuits hold no "/".
      return this.#kept.put(Date.parse(record.since), `${record.code}/${record.about ?? ''}`, record)
    })
    this.#written += ops.length
    const isDue = this.#written >= TIDY_EVERY
    if (isDue) this.#written = 0
    this.#kept
      .commit(ops, false)
      .then(() => (isDue ? this.#kept.tidy() : undefined))
      .catch((fault: unknown) => this.#ports.log.write('warn', 'alarm not written', { fault: String(fault) }))
  }

  /** Begun within the span, oldest first. */
  async read(query: { readonly fromMs: number; readonly toMs: number; readonly most: number }): Promise<{
    readonly found: readonly PastAlarmView[]
    readonly isCut: boolean
  }> {
    const { found, isCut } = await this.#kept.read(query)
    const holds = (record: AlarmRecord): boolean =>
      record.until === undefined && this.#holds.get(troubleKey(record))?.since === record.since
    return { found: found.map(record => ({ ...record, holds: holds(record) })), isCut }
  }
}
