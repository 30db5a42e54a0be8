/** What this disk takes to make a small record safe, beside which a durable answer must be judged. */
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { percentile } from './figures.js'

/** About a session's Start with what belongs to it. */
const RECORD = 'x'.repeat(1_000)

/** `perS` appends a second, each with fdatasync; 0 = one after the other as fast as they go. */
export async function diskSync(
  folder: string,
  perS: number,
  ms: number,
): Promise<{ readonly syncs: number; readonly p50Ms: number; readonly p99Ms: number }> {
  const handle = await open(join(folder, 'disk-sync'), 'a')
  const tookMs: number[] = []
  const startMs = performance.now()
  try {
    for (let at = 0; performance.now() - startMs < ms; at++) {
      const earlyMs = perS === 0 ? 0 : startMs + (at * 1000) / perS - performance.now()
      if (earlyMs > 0) await after(earlyMs)
      const beganMs = performance.now()
      await handle.write(RECORD)
      await handle.datasync()
      tookMs.push(performance.now() - beganMs)
    }
  } finally {
    await handle.close()
  }
  tookMs.sort((a, b) => a - b)
  return {
    syncs: tookMs.length,
    p50Ms: percentile(tookMs, 0.5) ?? 0,
    p99Ms: percentile(tookMs, 0.99) ?? 0,
  }
}
