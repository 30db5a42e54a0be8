/**
 * Stations that were let in to be known, as people read them, and what is wrong with them being there: they are booked on
 * every circuit, as nobody knows where they hang. Shapes and words only.
 */
import { largestConfiguredA } from '../control/learn.js'
import { connectorsOf, learnerA } from '../control/learner.js'
import type { Now } from '../control/now.js'
import type { ControlState } from '../control/state.js'
import { add, ZERO } from '../site/phases.js'
import { say } from '../words/said.js'
import type { Condition } from './alarms.js'
import { round } from './circuit-load.js'
import type { LearningView } from './document.js'
import type { Links } from './link-view.js'

export function learningView(
  state: ControlState,
  { learningForMs }: Pick<Links, 'learningForMs'>,
  now: Now,
): LearningView {
  const largestA = largestConfiguredA(state)
  return {
    // To the second, so that a late timer does not look like another end.
    ...(learningForMs !== undefined && {
      until: iso(Math.round((now.wallMs + learningForMs) / 1000) * 1000),
    }),
    stations: [...state.learners.values()].map(learner => ({
      id: learner.id,
      remote: learner.remote,
      since: iso(learner.sinceWallMs),
      connected: learner.connected,
      ...(learner.boot !== undefined && { boot: learner.boot }),
      connectors: connectorsOf(learner).map(id => ({
        id,
        status: learner.seen.get(id)?.status ?? 'unknown',
      })),
      heldConnectorIds: [...learner.held].sort((a, b) => a - b),
      bookedA: round(learnerA(learner, largestA)),
    })),
  }
}

/** Each unplaced station, with the circuits that do not carry it beside what is booked there. */
export function learningConditions(state: ControlState): readonly Condition[] {
  if (state.learners.size === 0) return []
  const largestA = largestConfiguredA(state)
  const full = state.tree.nodes.flatMap(({ id }, node) => {
    const sumA = add(state.bookedA[node] ?? ZERO, state.loads[node]?.otherA ?? ZERO)
    return Math.max(...sumA) > (state.carriesA[node] ?? 0) ? [id] : []
  })
  const fit = full.length === 0 ? '' : say('does-not-fit', { circuits: full.join(', ') })
  return [...state.learners.values()].map(learner => ({
    code: 'station-not-placed',
    about: learner.id,
    ...say('station-not-placed', {
      station: learner.id,
      left: learner.connected ? '' : say('left-in-use'),
      bookedA: round(learnerA(learner, largestA)),
      fit,
    }),
  }))
}

const iso = (wallMs: number): string => new Date(wallMs).toISOString()
