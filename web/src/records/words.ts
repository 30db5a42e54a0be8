/** Every text of what is looked up later, in one place. */
import type { ReadyByView } from '../../../src/core/view/record-document.js'

export const TABS = [
  { id: 'sessions', label: 'Sessions', about: 'Who charged when, what they got, and what held them back' },
  { id: 'ready', label: 'Ready by', about: 'Vehicles whose departure is known' },
  { id: 'energy', label: 'Energy', about: 'By day, station and circuit' },
  { id: 'alarms', label: 'Alarms', about: 'What was wrong, from when to when' },
] as const
export type Tab = (typeof TABS)[number]['id']

export const SPANS = [
  { days: 1, label: 'Day' },
  { days: 7, label: 'Week' },
  { days: 31, label: '31 days' },
  { days: 366, label: 'Year' },
] as const

export const READINESS: Readonly<Record<ReadyByView['readiness'], string>> = {
  ready: 'has all it wants',
  'on time': 'on time, drawing as now',
  late: 'late, drawing as now',
  unknown: 'not said how much',
}

export const SOURCES: Readonly<Record<ReadyByView['source'], string>> = {
  api: 'said for this session',
  tag: 'of its tag',
  learned: 'learned from earlier sessions',
}

export const WORDS = {
  title: 'What was',
  open: 'Sessions, energy and alarms that were',
  csv: 'CSV',
  all: 'all stations',
  reading: 'Reading…',
  failed: 'It cannot be read now.',
  cut: 'Only the latest are shown; all of them are in the CSV.',
  noSessions: 'No session has begun in this time.',
  noEnergy: 'Nothing was charged in this time.',
  noAlarms: 'No alarm has begun in this time.',
  noReady: 'No departure is known of a session that runs.',
  running: 'runs',
  found: 'found running; it began earlier',
  told: 'Offer: what Busbar told the station, average and lowest since the first',
  heldBackBy: 'Held back by',
  nothing: 'nothing',
  holds: 'holds',
  restarted: 'until Busbar was stopped',
  notNoted: 'nobody took note',
  metered: 'by its own meter, other load with it',
  moment: 'Press into the plot, or use the arrow keys, to see what was decided then.',
  decidedAt: 'Decided at',
  noDecision: 'No decision is kept of then.',
  nobody: 'Nobody had a session.',
  decided: 'Decided',
  toldThen: 'Told',
} as const
