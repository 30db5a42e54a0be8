/**
 * What the primary host application of an edge node says of itself (Sparkplug 3.0.0): `{ online, timestamp }` as
 * JSON, retained. The form of 2.2, plain text on `STATE/<host_id>`, is not read. Pure.
 */
import { z } from 'zod'

export interface HostState {
  readonly isOnline: boolean
  /** By the host's clock. */
  readonly atMs: number
}

/** Two keys; some hosts add a few. */
const MAX_STATE_BYTES = 4_096
const state = z.object({ online: z.boolean(), timestamp: z.int().min(0) })

export const stateTopic = (hostId: string): string => `spBv1.0/STATE/${hostId}`

/** Undefined for everything that is no state: a host that cannot be read is neither online nor offline. */
export function hostStateOf(octets: Uint8Array): HostState | undefined {
  if (octets.length > MAX_STATE_BYTES) return undefined
  const read = state.safeParse(jsonOf(new TextDecoder().decode(octets)))
  return read.success ? { isOnline: read.data.online, atMs: read.data.timestamp } : undefined
}

/**
 * The state that holds after `said`. An older one is ignored; one of the same time holds, because the will of a host, which says
 * `offline`, has the time of the birth it belongs to.
 */
export function hostStateAfter(last: HostState | undefined, said: HostState): HostState {
  return last !== undefined && said.atMs < last.atMs ? last : said
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
