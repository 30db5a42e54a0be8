/** Commands beside a Busbar that may run: a new password, a look back by the journal. */
import { join } from 'node:path'
import { createClock } from './adapters/clock.js'
import { createFiles } from './adapters/files.js'
import { readJournalCopy } from './adapters/journal-copy.js'
import { createLog } from './adapters/log.js'
import { createSecrets } from './adapters/secrets.js'
import type { PasswordArguments, ReplayArguments } from './arguments.js'
import { complain } from './console.js'
import { newPassword } from './gateway/new-password.js'
import { replayLines } from './gateway/replay-report.js'
import { faultLines } from './gateway/report.js'
import { openDecisionStore } from './store/decision-store.js'

export async function passwordCommand({ data, user }: PasswordArguments): Promise<number> {
  const log = createLog({ format: 'json' })
  const files = createFiles({ configPath: join(data, 'no-config'), dataDir: data, log, isBeside: true })
  const made = await newPassword({ files, secrets: createSecrets(), clock: createClock(), log }, user)
  if ('faults' in made) return complain(faultLines(made.faults), 1)
  process.stdout.write(`New password, shown once: log in as ${user} with ${made.code}\n`)
  return 0
}

/** On a copy of the journal: a Busbar may run beside it. */
export async function replayCommand({ data, question }: ReplayArguments): Promise<number> {
  const log = createLog({ format: 'json' })
  try {
    const lines = await readJournalCopy({ dataDir: data, log }, async journal =>
      replayLines(await openDecisionStore(journal, log), question),
    )
    if (lines === undefined) return complain([`no journal in ${data}`], 1)
    process.stdout.write(`${lines.join('\n')}\n`)
    return 0
  } catch (error) {
    return complain(
      [`${data} cannot be read now: ${error instanceof Error ? error.message : String(error)}`],
      1,
    )
  }
}
