/** Whether Busbar does its work, for supervisors (/healthz). A dead link is no reason: nothing here can mend it. */
import type { HealthReason } from '../web/site-reader.js'

/** Ten turns of the control loop. */
const STALLED_AFTER_MS = 5_000

/** Empty = healthy. Strangers read it, so what failed stays in the log. */
export function healthReasons(facts: {
  readonly idleMs: number
  readonly journalFault: string | undefined
}): readonly HealthReason[] {
  const reasons: HealthReason[] = []
  if (facts.idleMs > STALLED_AFTER_MS)
    reasons.push({
      code: 'control-stalled',
      text: `The control loop has not decided for ${Math.round(facts.idleMs / 1000)} s.`,
    })
  if (facts.journalFault !== undefined)
    reasons.push({ code: 'journal-failed', text: 'The journal cannot be written.' })
  return reasons
}
