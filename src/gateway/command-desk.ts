/** What people order on the page and by the API, put together of those who carry it out. */
import type { ControlState } from '../core/control/state.js'
import { integerAt } from '../core/fields.js'
import type { OcppEdge } from '../ocpp/edge.js'
import type { CommandDesk } from '../web/site-reader.js'
import type { AlarmRecords } from './alarm-records.js'
import type { ControlLoop } from './control-loop.js'
import type { JournalCare } from './journal-care.js'
import { releaseJournal } from './journal-state.js'
import type { StateKeeper } from './kept-state.js'
import type { SiteOrders } from './orders.js'
import type { SessionClaims } from './session-claims.js'
import type { SessionRecords } from './session-records.js'
import type { SiteWindow } from './site-window.js'

export interface CommandParts {
  readonly alarms: AlarmRecords
  readonly orders: SiteOrders
  readonly edge: OcppEdge
  readonly loop: ControlLoop
  readonly care: JournalCare
  readonly keeper: StateKeeper
  readonly claims: SessionClaims
  readonly sessions: SessionRecords
  readonly window: SiteWindow
  state(): ControlState
  /** Undefined where none is configured. */
  broker(): { tryNow(): 'trying' | 'open' } | undefined
  readonly meters: { tryNow(meterId: string): boolean }
}

export function commandDesk(parts: CommandParts): CommandDesk {
  const { alarms, orders, edge, loop, care, keeper, claims, sessions, window, state } = parts
  return {
    orders,
    fault: edge.commandFault,
    send: async (stationId, action, payload) => {
      const transactionId =
        action === 'RemoteStopTransaction' ? integerAt(payload, 'transactionId') : undefined
      if (transactionId === undefined) return edge.command(stationId, action, payload)
      // Before the answer: the Stop may come first.
      sessions.stoppedHere(stationId, transactionId, true)
      const outcome = await edge.command(stationId, action, payload)
      const isTaken = outcome.kind === 'result' && outcome.payloadText.includes('Accepted')
      if (!isTaken) sessions.stoppedHere(stationId, transactionId, false)
      return outcome
    },
    tryCsms: edge.tryCsms,
    tryCsmsForAll: edge.tryCsmsForAll,
    tryMqtt: () => parts.broker()?.tryNow() ?? 'none',
    tryMeter: parts.meters.tryNow,
    resend: edge.resend,
    giveUp: edge.giveUp,
    releaseJournal: by => releaseJournal(care, edge, by),
    release: async stationId => {
      if (!loop.release(stationId, true)) return undefined
      return { keys: await edge.release(stationId), clearedProfiles: keeper.clearedOn(stationId) }
    },
    takeBack: stationId => {
      const done = loop.release(stationId, false)
      if (done) edge.takeBack(stationId)
      return done
    },
    learn: open => {
      edge.learn(open)
      window.changed()
    },
    setTags: edge.setOperatorTags,
    isolate: (stationId, isolated, by) => {
      const isConfigured = state().stations.has(stationId)
      const done = loop.isolate(stationId, isolated)
      if (done) keeper.isolate(stationId, isolated, by, !isConfigured)
      return done
    },
    session: async (stationId, connectorId, wish) => {
      const station = state().stations.get(stationId)
      if (station?.connectors.some(({ id }) => id === connectorId) !== true) return undefined
      return claims.set(stationId, connectorId, wish)
    },
    acknowledge: (alarm, acknowledged, by) => {
      const holds = window.alarms().some(({ code, about }) => code === alarm.code && about === alarm.about)
      if (holds) keeper.acknowledge(alarm, acknowledged, by)
      if (holds && acknowledged && alarm.code === 'journal-gap') care.acknowledgeDamage()
      window.changed()
      // It may be over before the next look, and who took note with it.
      if (holds) alarms.look(window.alarms())
      return holds
    },
  }
}
