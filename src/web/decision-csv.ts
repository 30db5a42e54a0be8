/** Decisions as a table: a row per connector with what it was given and why, and one per circuit with its limit. */

import type { Row } from './csv-stream.js'
import type { DecisionView } from './decision-view.js'

export const DECISION_COLUMNS = [
  ...['at', 'kind', 'id', 'allocationA', 'offerA', 'minA', 'maxA', 'weight', 'priorityClass', 'rank', 'owed'],
  ...['bound', 'circuitId', 'phase', 'limitA', 'availableL1A', 'availableL2A', 'availableL3A', 'why'],
]

export function* decisionRows({ at, connectors, others, circuits }: DecisionView): Generator<Row> {
  for (const one of connectors)
    yield [
      ...[at, 'connector', one.connector, one.allocationA, one.offerA, one.minA, one.maxA, one.weight],
      ...[one.priorityClass, one.rank, one.owed ? 'yes' : 'no', one.bound, one.circuitId, one.phase],
      ...[...NO_LIMIT, one.why?.text],
    ]
  for (const { connector, offerA, why } of others)
    yield [at, 'connector', connector, undefined, offerA, ...NOT_DECIDED, ...NO_LIMIT, why.text]
  for (const { id, limitA, availableA, why } of circuits)
    yield [at, 'circuit', id, undefined, undefined, ...NOT_DECIDED, limitA, ...availableA, why?.text]
}

/** From minA to phase, and from limitA to availableL3A. */
const NOT_DECIDED = Array.from({ length: 9 }, () => undefined)
const NO_LIMIT = Array.from({ length: 4 }, () => undefined)
