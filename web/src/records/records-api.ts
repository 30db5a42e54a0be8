/** What was, as the server gives it; undefined when it cannot be had now. */

import type { CircuitWhyView, WhyView } from '../../../src/core/view/document.js'
import type {
  EnergyDayView,
  PastAlarmView,
  ReadyByView,
  SessionView,
} from '../../../src/core/view/record-document.js'
import { read } from '../ask.js'

export interface DecisionView {
  readonly at: string
  readonly connectors: readonly {
    readonly connector: string
    readonly allocationA: number
    readonly offerA: number
    readonly why?: WhyView
  }[]
  readonly others: readonly { readonly connector: string; readonly offerA: number; readonly why: WhyView }[]
  readonly circuits: readonly { readonly id: string; readonly why?: CircuitWhyView }[]
}

/** An order that has ended, as far as it is listed here; its report has the rest. */
export interface OrderView {
  readonly seq: number
  readonly source: 'api' | 'mqtt' | 'grid' | 'modbus' | 'mean' | 'g100' | 'window' | 'silence'
  readonly id: string
  readonly target: string
  readonly value: string
  readonly received: string
  readonly lastAccepted?: string
  readonly heldSince?: string
  readonly ended: string
  readonly isIntact: boolean
}

export const readSessions = (query: string) =>
  read<{ sessions: readonly SessionView[]; isCut: boolean }>(`sessions?${query}`)
export const readEnergy = (query: string) => read<{ days: readonly EnergyDayView[] }>(`energy?${query}`)
export const readAlarms = (query: string) =>
  read<{ alarms: readonly PastAlarmView[]; isCut: boolean }>(`alarms?${query}`)
export const readReady = () => read<{ sessions: readonly ReadyByView[] }>('ready')
/** The oldest first. */
export const readOrders = () => read<{ orders: readonly OrderView[] }>('orders')
/** An empty answer: none is kept of then. */
export const readDecision = (atIso: string) =>
  read<{ decision?: DecisionView }>(`decisions/at?${new URLSearchParams({ at: atIso })}`)
