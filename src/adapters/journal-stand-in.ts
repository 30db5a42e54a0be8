/**
 * Starting without a journal: on a full, read-only or broken disk Busbar still controls and passes messages on, but
 * acknowledges nothing by itself; as soon as the journal can be opened everything is started again with it (proxy
 * rule 14). What can be read of the old one is read, save what waits for the CSMS. Must not know what else is stored.
 */
import { extentOf } from '../core/extent.js'
import type { Journal, JournalEntry, Log, Stoppable } from '../ports.js'
import { type FoundAtOpening, type OpenJournal, openJournal } from './journal.js'
import { readJournalCopy } from './journal-copy.js'
import { JournalLocked, reasonOf } from './journal-level.js'

const TRY_AGAIN_MS = 30_000
/** Of a journal that can only be read, so much is held in memory. */
const MOST_READ = 100_000
/** What waits for the CSMS: it could not be crossed off. */
const WAITING = { from: 'log/', to: 'log0' } as const

export interface OpenedOrNot {
  readonly journal: Journal & Stoppable
  readonly found: FoundAtOpening
  /** Why there is none. */
  readonly fault?: string
}

/**
 * Runs `start` with the journal, or without one until there is. Rejects when another process has it open, or when `start`
 * does.
 */
export async function withJournal(
  options: { readonly dataDir: string; readonly log: Log; readonly tryAgainMs?: number },
  start: (opened: OpenedOrNot) => Promise<Stoppable>,
): Promise<Stoppable> {
  let opened = await openOrNot(options)
  let running = await start(opened).catch(async (fault: unknown) => {
    // whoever asked may try again with something else
    await opened.journal.stop()
    throw fault
  })
  let changing: Promise<void> | undefined
  let isStopped = false
  const again = async (): Promise<void> => {
    const next = await openOrNot(options)
    if (next.fault !== undefined) return
    if (isStopped) {
      await next.journal.stop()
      return
    }
    options.log.write('warn', 'journal opened: starting again with it')
    clearInterval(timer)
    await running.stop()
    opened = next
    running = await start(next)
  }
  const timer = setInterval(() => {
    changing ??= again()
      .catch((fault: unknown) => {
        options.log.write('error', 'journal-not-opened', { reason: reasonOf(fault) })
      })
      .finally(() => {
        changing = undefined
      })
  }, options.tryAgainMs ?? TRY_AGAIN_MS)
  if (opened.fault === undefined) clearInterval(timer)
  return {
    stop: async () => {
      isStopped = true
      clearInterval(timer)
      await changing
      await running.stop()
      await opened.journal.stop()
    },
  }
}

async function openOrNot(options: { readonly dataDir: string; readonly log: Log }): Promise<OpenedOrNot> {
  try {
    const journal: OpenJournal = await openJournal(options)
    return {
      journal,
      // what was told is not told again where all is started anew
      get found() {
        return journal.found
      },
    }
  } catch (error) {
    if (error instanceof JournalLocked) throw error
    const fault = reasonOf(error)
    options.log.write('error', 'started without a journal', { reason: fault })
    return { journal: standIn(fault, await readable(options)), found: { rolledBack: false }, fault }
  }
}

async function readable(options: {
  readonly dataDir: string
  readonly log: Log
}): Promise<readonly JournalEntry[]> {
  try {
    const read = await readJournalCopy(options, async journal => [
      ...(await journal.scan('', WAITING.from, MOST_READ)),
      ...(await journal.scan(WAITING.to, '\uffff', MOST_READ)),
    ])
    return read ?? []
  } catch (fault) {
    options.log.write('error', 'journal not readable', { reason: reasonOf(fault) })
    return []
  }
}

function standIn(fault: string, entries: readonly JournalEntry[]): Journal & Stoppable {
  return {
    commit: () => Promise.reject(new Error(fault)),
    scan: async (from, to, limit) =>
      entries.filter(({ key }) => key >= from && key < to).slice(0, Math.max(0, limit)),
    extent: async (from, to, last) =>
      extentOf(
        entries.filter(({ key }) => key >= from && key < to),
        last,
      ),
    sizeBytes: async () => 0,
    stop: async () => undefined,
  }
}
