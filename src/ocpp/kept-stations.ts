/** What of stations lies in the store, as the edge reads and writes it beside the sessions. */
import type { StationConfig } from '../core/config/site.js'
import { NO_ENERGY } from '../core/offline/records.js'
import type { OperatorTag, SiteTags } from '../core/offline/site-tags.js'
import type { OcppDeps, StationBacklog } from './edge.js'

/** What waits for stations that are configured no more: nobody can deliver it, so it is at least shown. */
export async function leftBehind(
  { store }: Pick<OcppDeps, 'store'>,
  stations: readonly StationConfig[],
): Promise<readonly StationBacklog[]> {
  const configured = new Set(stations.map(({ id }) => id))
  const found: StationBacklog[] = []
  for (const stationId of await store.stationsWithBacklog()) {
    if (configured.has(stationId)) continue
    const { count, bytes, oldestWallMs } = await store.waiting(stationId)
    found.push({
      stationId,
      isConfigured: false,
      waiting: count,
      bytes,
      ...(oldestWallMs !== undefined && { oldestWallMs }),
      deadLetters: (await store.deadLetters(stationId)).length,
      openTransactions: 0,
      mappedTransactions: 0,
      isExhausted: false,
      isSure: true,
      energy: NO_ENERGY,
    })
  }
  return found
}

export async function writeOperatorTags(
  { ports, store }: OcppDeps,
  tags: SiteTags,
  entries: readonly OperatorTag[],
): Promise<boolean> {
  const nowWallMs = ports.clock.wallMs()
  try {
    await store.commit(tags.replacing(entries, nowWallMs), true)
  } catch (fault) {
    const detail = fault instanceof Error ? fault.message : 'unknown'
    ports.log.write('error', 'journal-write-failed', { detail })
    return false
  }
  tags.replaced(entries, nowWallMs)
  return true
}
