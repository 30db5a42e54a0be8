/** A profile that books more than was booked before has to find room for it (I1): looked at after each decision. */
import type { Effect } from '../../src/core/control/state.js'
import { PHASE_INDEXES, ZERO } from '../../src/core/site/phases.js'
import type { Decided } from './busbar.js'
import { circuitSums, isClockInDoubt } from './glimpse.js'
import type { World } from './world.js'

export function judge(world: World, { beforeA, effects }: Decided): void {
  const { busbar } = world
  if (busbar === undefined || world.failure !== undefined || !effects.some(isProfile)) return
  // Doubt about the time books more without anything being offered.
  if (isClockInDoubt(busbar.controller)) return
  const afterA = busbar.bookedA(world.now(busbar).monoMs)
  let at = -1
  for (const { id: stationId, circuit, connectors } of world.plan.stations) {
    for (let connectorId = 1; connectorId <= connectors; connectorId++) {
      at++
      const before = beforeA[at] ?? ZERO
      const after = afterA[at] ?? ZERO
      const grown = PHASE_INDEXES.filter(phase => after[phase] > before[phase] + 0.01)
      if (grown.length === 0 || !isWritten(effects, stationId, connectorId)) continue
      // A clock that really jumped is news too, though it shows only when the next profile is made.
      if (world.excuses.causes.some(({ kind, of }) => kind === 'clock' && of === stationId)) continue
      const earlier = circuitSums(busbar.controller, world.plan, beforeA)
      for (const [index, sum] of circuitSums(busbar.controller, world.plan, afterA).entries()) {
        const isAbove = sum.id === circuit || sum.id === world.plan.circuits[0]?.id
        const phase = grown.find(
          phase =>
            sum.bookedA[phase] + sum.otherA[phase] > sum.limitA + 0.01 &&
            sum.bookedA[phase] > (earlier[index]?.bookedA[phase] ?? 0) + 0.01,
        )
        if (!isAbove || phase === undefined) continue
        const text = `${stationId}/${connectorId} goes from ${before[phase]} to ${after[phase]} A booked, "${sum.id}" to ${sum.bookedA[phase]} A beside ${sum.otherA[phase]} A of other load, limit ${sum.limitA} A`
        world.failure ??= { rule: 'raised without room', atMs: world.nowMs, text }
      }
    }
  }
}

const isProfile = (effect: Effect): effect is Effect & { readonly kind: 'call' } =>
  effect.kind === 'call' && effect.action === 'SetChargingProfile'

function isWritten(effects: readonly Effect[], stationId: string, connectorId: number): boolean {
  return effects.some(
    effect =>
      isProfile(effect) &&
      effect.stationId === stationId &&
      Reflect.get(effect.payload, 'connectorId') === connectorId,
  )
}
