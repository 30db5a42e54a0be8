/** What the journal and the queues in it say of themselves, for alarms and for the API. Shapes only. */
import type { JournalState } from '../core/view/journal-conditions.js'
import type { OcppEdge, StationBacklog } from '../ocpp/edge.js'
import type { JournalView } from '../web/site-reader.js'
import type { JournalCare } from './journal-care.js'
import type { JournalWatch } from './journal-watch.js'

export function journalState(
  watched: JournalWatch,
  care: JournalCare,
  backlog: readonly StationBacklog[],
  notOpened: string | undefined,
): JournalState {
  const fault = notOpened ?? watched.fault()
  const slowMs = watched.slowMs()
  const { damage, hold } = care
  return {
    ...(fault !== undefined && { fault }),
    ...(slowMs !== undefined && { slowMs }),
    ...(damage !== undefined && { damage }),
    ...(hold !== undefined && { hold }),
    stations: backlog.map(({ stationId, isConfigured, waiting, deadLetters, shed, isExhausted }) => {
      return { stationId, isConfigured, waiting, deadLetters, shedCount: shed?.count ?? 0, isExhausted }
    }),
  }
}

export function journalView(state: JournalState, backlog: readonly StationBacklog[]): JournalView {
  const { stations: _, slowMs, damage, hold, ...rest } = state
  return {
    ...rest,
    ...(damage !== undefined && { damage: damage.text, damageSaid: damage }),
    ...(hold !== undefined && { hold: hold.text, holdSaid: hold }),
    ...(slowMs !== undefined && { slowS: Math.round(slowMs / 1000) }),
    stations: backlog.map(({ oldestWallMs, shed, energy, isSure: _sure, isExhausted: _full, ...one }) => ({
      ...one,
      ...(oldestWallMs !== undefined && { oldestAt: iso(oldestWallMs) }),
      ...(shed !== undefined && {
        shed: { count: shed.count, from: iso(shed.fromWallMs), to: iso(shed.toWallMs) },
      }),
      ...energy,
    })),
  }
}

/** The operator takes the journal as this site's; what waits goes up at once. */
export async function releaseJournal(care: JournalCare, edge: OcppEdge, by: string): Promise<boolean> {
  if (care.hold === undefined) return false
  await care.release(by)
  edge.drain()
  return true
}

const iso = (wallMs: number): string => new Date(wallMs).toISOString()
