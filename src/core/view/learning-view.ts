/**
 * Stations that were let in to be known, as people read them, and what is wrong with them being there: they are booked on
 * every circuit, as nobody knows where they hang. Shapes and words only.
 */
import { largestConfiguredA } from '../control/learn.js'
import { connectorsOf, learnerA } from '../control/learner.js'
import type { Now } from '../control/now.js'
import type { ControlState } from '../control/state.js'
import { add, ZERO } from '../site/phases.js'
import type { Condition } from './alarms.js'
import { round } from './circuit-load.js'
import type { LearningView } from './document.js'
import type { Links } from './link-view.js'
import { said } from './said.js'

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
  const fit =
    full.length === 0
      ? ''
      : said` That does not fit on ${full.join(', ')}: should it draw it, the limit is not held.`
  return [...state.learners.values()].map(learner => ({
    code: 'station-not-placed',
    about: learner.id,
    ...said`${learner.id} is not in the configuration${learner.connected ? '' : ' and left while in use'}: it may hang on any circuit, so ${round(learnerA(learner, largestA))} A are booked for it on each.${fit}`,
  }))
}

const iso = (wallMs: number): string => new Date(wallMs).toISOString()
