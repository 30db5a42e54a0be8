/**
 * Reads a journal without touching it: opening one writes to its folder, which `check` must not do to a Busbar's data,
 * whoever runs it. A copy is opened instead and thrown away. Must not know what is stored.
 */
import { existsSync } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Journal } from '../ports.js'
import { type JournalOptions, openJournal } from './journal.js'

/** Undefined where there is no journal. Rejects when it cannot be read, as while a running Busbar rewrites it. */
export async function readJournalCopy<T>(
  { dataDir, log }: JournalOptions,
  read: (journal: Journal) => Promise<T>,
): Promise<T | undefined> {
  if (!existsSync(join(dataDir, 'journal'))) return undefined
  const copy = await mkdtemp(join(tmpdir(), 'busbar-check-'))
  try {
    for (const name of ['journal', 'journal.mark'])
      if (existsSync(join(dataDir, name)))
        await cp(join(dataDir, name), join(copy, name), { recursive: true })
    const journal = await openJournal({ dataDir: copy, log })
    try {
      return await read(journal)
    } finally {
      await journal.stop()
    }
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}
