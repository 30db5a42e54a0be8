/**
 * Starting without a journal: on a full, read-only or broken disk Busbar still controls and passes messages on, but
 * acknowledges nothing by itself; as soon as the journal can be opened everything is started again with it (proxy
 * rule 14). What can be read of the old one is read (journal-remains.ts). Must not know what is stored.
 */
import type { Journal, Log, Stoppable } from '../ports.js'
import { type FoundAtOpening, type OpenJournal, openJournal } from './journal.js'
import { readJournalCopy } from './journal-copy.js'
import { JournalLocked, reasonOf } from './journal-level.js'
import { NOTHING_LEFT, type Remains, remainsOf, standIn } from './journal-remains.js'

const TRY_AGAIN_MS = 30_000

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

async function readable(options: { readonly dataDir: string; readonly log: Log }): Promise<Remains> {
  try {
    return (await readJournalCopy(options, remainsOf)) ?? NOTHING_LEFT
  } catch (fault) {
    options.log.write('error', 'journal not readable', { reason: reasonOf(fault) })
    return NOTHING_LEFT
  }
}
