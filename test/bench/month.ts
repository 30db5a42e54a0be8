/**
 * A month as sixty stations leave it on the disk, written through the stores that Busbar reads it with: amps of twenty circuits and of
 * each station by the minute for three days and by the quarter of an hour for thirty, three sessions a day and station with five
 * causes each.
 */

import { openJournal } from '../../src/adapters/journal.js'
import { createLog } from '../../src/adapters/log.js'
import type { HistoryPoint } from '../../src/core/view/history.js'
import type { SessionEntry } from '../../src/core/view/session-log.js'
import { openHistoryStore, type Span } from '../../src/store/history-store.js'
import { openTimeline } from '../../src/store/timeline-store.js'

const CIRCUITS = ['main', ...Array.from({ length: 19 }, (_, index) => `feeder-${index + 1}`)]
const DAY_S = 86_400
const DAYS = 30
const MINUTE_DAYS = 3
const STATIONS = 60
const STATION_IDS = Array.from({ length: STATIONS }, (_, index) => stationIdOf(index))
const SESSIONS_A_DAY = 3
const CAUSES = ['share', 'csms', 'meter', 'ramp', 'order'] as const

export async function writeMonth(dataDir: string): Promise<void> {
  const log = createLog({ format: 'json' })
  const journal = await openJournal({ dataDir, log })
  const [history, stationHistory] = [openHistoryStore(journal), openHistoryStore(journal, 'station-history')]
  const nowS = Math.floor(Date.now() / 1000)
  const keep = async (span: Span, days: number): Promise<void> => {
    const untilS = Math.floor(nowS / span) * span
    for (let atS = untilS - days * DAY_S; atS < untilS; atS += span)
      await Promise.all([
        history.keep(span, atS, new Map(CIRCUITS.map((id, index) => [id, point(atS, index)]))),
        stationHistory.keep(span, atS, new Map(STATION_IDS.map((id, index) => [id, point(atS, index)]))),
      ])
  }
  await keep(60, MINUTE_DAYS)
  await keep(900, DAYS)
  const sessions = openTimeline<SessionEntry>({
    ...{ journal, log, name: 'session', most: 20_000, decode: () => undefined },
  })
  for (let day = 0; day < DAYS; day++)
    await sessions.commit(
      Array.from({ length: STATIONS * SESSIONS_A_DAY }, (_, index) => {
        const session = sessionOf(index, (nowS - (day + 1) * DAY_S + index * 400) * 1000)
        return sessions.put(session.startedWallMs, `${session.stationId}-${index}`, session)
      }),
      false,
    )
  await journal.stop()
}

/** As the simulated depot names them. */
function stationIdOf(index: number): string {
  return `CP-${String(index + 1).padStart(2, '0')}`
}

function point(atS: number, index: number): HistoryPoint {
  const amps = (phase: number): number =>
    Math.round((60 + 50 * Math.sin(atS / 9_000 + index + phase) + 8 * Math.random()) * 10) / 10
  return [amps(0), amps(1), amps(2), 156.8, amps(3)]
}

function sessionOf(index: number, startedWallMs: number): SessionEntry {
  const stationId = stationIdOf(index % STATIONS)
  return {
    ...{ stationId, connectorId: 1, transactionId: index, circuitId: CIRCUITS[(index % 19) + 1] ?? 'main' },
    ...{ tag: '…7F3A', startedWallMs, isAdopted: false, endedWallMs: startedWallMs + 7_200_000 },
    ...{ energyWh: 4_200 + index * 7, countedWh: 4_200 + index * 7, offeredS: 7_200, offeredAs: 86_400 },
    ...{ lowestOfferA: 6, endedBy: 'driver', reason: 'EVDisconnected' },
    heldBack: CAUSES.map((code, at) => ({ code, circuitId: 'main', phase: 'L2', seconds: 60 * at + 30 })),
  }
}
