/**
 * Opening a LevelDB folder: what to do when it is locked or damaged. Must not know what is stored.
 */
import { ClassicLevel } from 'classic-level'
import type { Log } from '../ports.js'

/** Log and memory table: small enough that the ring of markers (`journal-marks.ts`) covers what is in the log. */
const OPTIONS = { writeBufferSize: 1024 * 1024 }

/**
 * Opens or makes the database in `folder`; a damaged one is repaired, which keeps what is readable.
 * Rejects with an Error that names the folder and the reason (in use by another process, disk full).
 */
export async function openLevel(
  folder: string,
  log: Log,
): Promise<{ level: ClassicLevel; repaired: boolean }> {
  const level = new ClassicLevel(folder, OPTIONS)
  try {
    await level.open()
    return { level, repaired: false }
  } catch (fault) {
    const code = causeCode(fault)
    if (code === 'LEVEL_LOCKED') throw new Error(`${folder}: in use by another process`, { cause: fault })
    if (code !== 'LEVEL_CORRUPTION') throw new Error(`${folder}: ${reasonOf(fault)}`, { cause: fault })
    log.write('error', 'journal-repaired', { folder, reason: reasonOf(fault) })
  }
  await ClassicLevel.repair(folder)
  const repaired = new ClassicLevel(folder, OPTIONS)
  await repaired.open()
  return { level: repaired, repaired: true }
}

function causeCode(fault: unknown): unknown {
  const cause = fault instanceof Error ? fault.cause : undefined
  return cause instanceof Error && 'code' in cause ? cause.code : undefined
}

/** What failed, in words: abstract-level says only "Database failed to open", its cause says why. */
export function reasonOf(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault)
  return fault.cause instanceof Error ? `${fault.message}: ${fault.cause.message}` : fault.message
}
