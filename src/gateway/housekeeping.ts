/**
 * What is tidied up by the minute. The tick is node-cron's (Clock.eachMinute); what is due is told by the time, because a
 * tick may be missed. Log files are not kept here: the log goes to stdout, and whoever runs Busbar rotates it.
 */
import type { AlarmView } from '../core/view/document.js'
import type { Ports, Stoppable } from '../ports.js'
import type { StateKeeper } from './kept-state.js'

const HOUR_MS = 3_600_000
/** Diagnostics are looked at within days; a depot must not fill its disk with them. */
const KEEP_UPLOADS_MS = 30 * 24 * HOUR_MS
/** A journal is a few MB; far above that something does not drain. */
const LARGE_JOURNAL_BYTES = 512 * 1024 * 1024

export function startHousekeeping(
  ports: Pick<Ports, 'clock' | 'blobs' | 'journal' | 'log'>,
  kept: {
    readonly keeper: StateKeeper
    readonly histories: readonly { tick(): Promise<void> }[]
    readonly orders: { tick(): void }
    readonly sessions: { tick(): Promise<void> }
    alarms(): readonly AlarmView[]
  },
): Stoppable {
  const { clock, log } = ports
  let rolling: Promise<unknown> | undefined
  let tidiedMs = Number.NEGATIVE_INFINITY
  const failed = (what: string) => (error: unknown) =>
    log.write('warn', 'housekeeping failed', { what, reason: String(error) })
  const timer = clock.eachMinute(() => {
    kept.keeper.tick(kept.alarms())
    kept.orders.tick()
    rolling = Promise.all([...kept.histories, kept.sessions].map(one => one.tick()))
    if (clock.monoMs() - tidiedMs < HOUR_MS) return
    tidiedMs = clock.monoMs()
    removeOldUploads(ports).catch(failed('uploads'))
    tellLargeJournal(ports).catch(failed('journal'))
  })
  return {
    stop: async () => {
      timer.cancel()
      // The journal is closed after this.
      await rolling
      await kept.sessions.tick()
    },
  }
}

async function removeOldUploads({
  blobs,
  clock,
  log,
}: Pick<Ports, 'blobs' | 'clock' | 'log'>): Promise<void> {
  const beforeMs = clock.wallMs() - KEEP_UPLOADS_MS
  for (const { name, modifiedWallMs } of await blobs.list('uploads')) {
    if (modifiedWallMs >= beforeMs) continue
    await blobs.remove('uploads', name)
    log.write('info', 'old upload removed', { file: name })
  }
}

async function tellLargeJournal({ journal, log }: Pick<Ports, 'journal' | 'log'>): Promise<void> {
  const sizeBytes = await journal.sizeBytes()
  if (sizeBytes > LARGE_JOURNAL_BYTES) log.write('warn', 'journal is large', { sizeBytes })
}
