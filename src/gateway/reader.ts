/** What the page and its API may read, put together of those who know it. */
import type { Now } from '../core/control/now.js'
import type { ControlState } from '../core/control/state.js'
import type { StationStore } from '../core/offline/records.js'
import { tracedMessages } from '../core/station/message-trace.js'
import { configurationTable } from '../core/station/reported-limits.js'
import { readyBy } from '../core/view/ready-by.js'
import { energyDayView, sessionView } from '../core/view/record-words.js'
import { stationDetail } from '../core/view/station-detail.js'
import type { OcppEdge } from '../ocpp/edge.js'
import type { Clock } from '../ports.js'
import type { DecisionStore } from '../store/decision-store.js'
import type { OrderStore } from '../store/order-store.js'
import type { SiteProof, SiteReader, SiteRecords } from '../web/site-reader.js'
import type { AlarmRecords } from './alarm-records.js'
import type { HistoryKeeper } from './history-keeper.js'
import type { SessionRecords } from './session-records.js'
import type { SiteWindow } from './site-window.js'

export interface ReaderParts {
  readonly clock: Clock
  readonly window: SiteWindow
  readonly history: HistoryKeeper
  readonly stationHistory: HistoryKeeper
  readonly stationStore: StationStore
  readonly orderStore: OrderStore
  readonly decisionStore: DecisionStore
  readonly sessions: SessionRecords
  readonly alarms: AlarmRecords
  readonly edge: OcppEdge
  state(): ControlState
  /** In the time stations are given. */
  siteNow(): Now
  proof(): SiteProof
}

type Read =
  | 'view'
  | 'history'
  | 'stationHistory'
  | 'configuration'
  | 'ledger'
  | 'orders'
  | 'timeZone'
  | 'decisions'
  | 'tags'
  | 'deadLetters'
  | 'proof'
  | 'onChange'
  | 'records'
  | 'stationDetail'
  | 'messages'

export function siteReader(parts: ReaderParts): Pick<SiteReader, Read> {
  const { window, history, stationHistory, stationStore, orderStore, decisionStore, edge, state } = parts
  return {
    view: () => window.view(),
    history: (circuitId, seconds, untilS) => history.read(circuitId, seconds, untilS),
    stationHistory: (stationId, seconds, untilS) => stationHistory.read(stationId, seconds, untilS),
    configuration: stationId => {
      const station = state().stations.get(stationId)
      return station === undefined ? undefined : configurationTable(station.model, station.configuration)
    },
    ledger: () => stationStore.ledger(),
    orders: () => orderStore.read(),
    timeZone: () => parts.state().site.config.site.timeZone,
    decisions: (fromMs, toMs, limit) => decisionStore.read(fromMs, toMs, limit),
    tags: () => edge.operatorTags(),
    deadLetters: () => edge.deadLetters(),
    proof: parts.proof,
    onChange: listener => window.onChange(listener),
    records: siteRecords(parts),
    stationDetail: stationId => stationDetail(state(), stationId, parts.siteNow()),
    messages: (stationId, showsTags) => {
      if (!state().stations.has(stationId)) return undefined
      return tracedMessages(edge.frames(stationId), { showsTags })
    },
  }
}

function siteRecords({ clock, sessions, alarms, decisionStore, state, window }: ReaderParts): SiteRecords {
  return {
    sessions: async query => {
      const { found, isCut } = await sessions.sessions(query)
      return { found: found.map(sessionView), isCut }
    },
    energy: async (from, to) => (await sessions.days(from, to)).map(energyDayView),
    alarms: query => alarms.read(query),
    decisionAt: wallMs => decisionStore.at(wallMs),
    decisionPages: (fromMs, toMs) => decisionStore.pages(fromMs, toMs),
    readyBy: () => readyBy(state(), window.reasons(), { monoMs: clock.monoMs(), wallMs: clock.wallMs() }),
  }
}
