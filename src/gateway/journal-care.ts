/**
 * Whether what lies in the journal may be sent: not when it is another site's, nor when a copy was put back that is older
 * than what was delivered, unless somebody says so (proxy rule 17). Keeps what was found damaged until somebody has taken
 * note of it, whether a start found it or a reading while it runs. Control and live messages go on in any case.
 */
import { type Said, say, type Worded } from '../core/words/said.js'
import type { Journal, Log, Ports } from '../ports.js'
import {
  type DamageNote,
  type JournalRecord,
  journalRecord,
  type Losses,
  loadJournalRecord,
  saidLosses,
} from '../store/journal-record.js'

export interface FoundAtOpening {
  readonly damage?: Losses
  readonly rolledBack: boolean
  /** It is on the disk: it need not be said again. */
  told?(): Promise<void>
}

interface CarePorts {
  readonly clock: Ports['clock']
  readonly journal: Journal
  readonly log: Log
}

export class JournalCare {
  readonly #ports: CarePorts
  readonly #siteId: string
  #hold: Worded | undefined
  #damage: DamageNote | undefined

  #seen: FoundAtOpening | undefined

  private constructor(ports: CarePorts, siteId: string, known: JournalRecord) {
    this.#ports = ports
    this.#siteId = siteId
    this.#hold = known.hold
    this.#damage = known.damage
  }

  static async open(ports: CarePorts, siteId: string, found: FoundAtOpening): Promise<JournalCare> {
    const record = await loadJournalRecord(ports.journal)
    const care = new JournalCare(ports, siteId, record)
    if (record.hold !== undefined)
      ports.log.write('error', 'journal is not sent', { reason: record.hold.text })
    if (record.damage !== undefined)
      ports.log.write('error', 'journal was damaged', { text: record.damage.text })
    await care.#take(found, record.siteId)
    return care
  }

  /** To be called every second: what is found damaged while it runs is told as at a start. */
  look(found: FoundAtOpening): void {
    if (found !== this.#seen) void this.#take(found, this.#siteId)
  }

  async #take(found: FoundAtOpening, knownSiteId: string | undefined): Promise<void> {
    this.#seen = found
    const { clock, log } = this.#ports
    const before = { hold: this.#hold, damage: this.#damage }
    const nowWallMs = clock.wallMs()
    if (found.damage !== undefined) this.#damage = joined(before.damage, nowWallMs, saidLosses(found.damage))
    this.#hold ??= holdOf(knownSiteId, this.#siteId, found.rolledBack)
    const { hold, damage } = this
    if (hold !== before.hold) log.write('error', 'journal is not sent', { reason: hold?.text })
    if (damage !== before.damage) log.write('error', 'journal was damaged', { text: damage?.text })
    const ops = [
      ...(knownSiteId === undefined ? [journalRecord.identity(this.#siteId, nowWallMs)] : []),
      ...(hold === before.hold ? [] : [journalRecord.hold(hold)]),
      ...(damage === before.damage ? [] : [journalRecord.damage(damage)]),
    ]
    const isWritten = ops.length === 0 || (await this.#write(ops))
    if (isWritten) await found.told?.()
  }

  /** Why nothing that waits may go up. */
  get hold(): Worded | undefined {
    return this.#hold
  }

  get damage(): DamageNote | undefined {
    return this.#damage
  }

  /** An operator says that it is this site's, and that what it holds is to be sent. Rejects when the disk fails. */
  async release(by: string): Promise<void> {
    const { clock, journal, log } = this.#ports
    await journal.commit(
      [journalRecord.identity(this.#siteId, clock.wallMs()), journalRecord.hold(undefined)],
      true,
    )
    log.write('warn', 'journal is sent after all', { by, was: this.#hold?.text })
    this.#hold = undefined
  }

  /** Somebody has taken note of the damage. */
  acknowledgeDamage(): void {
    this.#damage = undefined
    void this.#write([journalRecord.damage(undefined)])
  }

  /** Tried once: what is not written is found again, or shown again, at the next start. */
  #write(ops: Parameters<Journal['commit']>[0]): Promise<boolean> {
    const { journal, log } = this.#ports
    return journal.commit(ops, true).then(
      () => true,
      (error: unknown) => {
        log.write('error', 'journal record not written', { reason: String(error) })
        return false
      },
    )
  }
}

function holdOf(found: string | undefined, site: string, rolledBack: boolean): Said | undefined {
  if (found !== undefined && found !== site) return say('journal-of-another-site', { found, site })
  return rolledBack ? say('journal-rolled-back') : undefined
}

function joined(before: DamageNote | undefined, foundWallMs: number, now: Said): DamageNote {
  if (before === undefined) return { foundWallMs, ...now }
  // said again by a start that was killed before it could be taken as told
  if (before.text.startsWith(now.text)) return before
  // what was there before is kept as it was said then, without end it would grow
  return { foundWallMs, ...say('journal-damaged-again', { now, before: before.text.slice(0, MAX_TEXT) }) }
}

const MAX_TEXT = 2_000
