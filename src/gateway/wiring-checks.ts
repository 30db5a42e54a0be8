/** Checks of meters' wiring that run now: started and ended by people, ended by themselves when nobody does. */
import type { SiteConfig } from '../core/config/site.js'
import type { Controller } from '../core/control/controller.js'
import { surroundingsOf } from '../core/control/meter-evidence.js'
import type { MeterReading } from '../core/events.js'
import { wiringFinding } from '../core/measuring/commissioning.js'
import { newWiringCheck, type WiringCheck, watchWiring } from '../core/measuring/wiring-watch.js'
import type { WiringCheckView } from '../web/meter-desk.js'

const LONGEST_MS = 1_800_000

export class WiringChecks {
  readonly #checks = new Map<string, WiringCheck>()

  constructor(
    private readonly config: SiteConfig,
    private readonly controller: Controller,
    private readonly nowMs: () => number,
  ) {}

  /** Every reading of a meter, after control has had it. */
  take(reading: MeterReading): void {
    const check = this.#checks.get(reading.meterId)
    if (check === undefined) return
    const { stations } = surroundingsOf(this.controller.state, reading.meterId, this.nowMs())
    if (this.nowMs() - check.sinceMs > LONGEST_MS) this.#checks.delete(reading.meterId)
    else watchWiring(check, reading, { stations, others: [] }, this.nowMs())
  }

  /** Begins anew, or ends; undefined = no such meter. */
  run(meterId: string, running: boolean): WiringCheckView | undefined {
    if (running) {
      const judge = this.controller.state.meters.get(meterId)?.judge
      this.#checks.set(meterId, newWiringCheck(this.nowMs(), judge?.path ?? []))
    }
    const view = this.view(meterId)
    if (!running || view === undefined) this.#checks.delete(meterId)
    return view === undefined ? undefined : { ...view, running }
  }

  view(meterId: string): WiringCheckView | undefined {
    const wiring = this.config.meters.find(({ id }) => id === meterId)
    if (wiring === undefined) return undefined
    const check = this.#checks.get(meterId)
    if (check === undefined)
      return { running: false, steps: [], disturbed: 0, finding: 'waiting', text: NOT_RUNNING }
    const found = wiringFinding(check, wiring)
    const nowMs = this.nowMs()
    return {
      running: true,
      steps: check.steps.map(({ monoMs, stationsA, meterA }) => ({
        agoS: Math.round((nowMs - monoMs) / 1000),
        stationsA: stationsA.map(tenth),
        meterA: meterA.map(tenth),
      })),
      disturbed: check.disturbed + check.unread + check.late,
      finding: found.kind,
      ...(found.kind === 'found' && {
        change: found.change,
        turned: found.turned,
        unseen: found.unseen,
        orderUnknown: found.orderUnknown,
        ...(found.otherMaps.length > 0 && { otherMaps: found.otherMaps }),
        share: found.share,
      }),
      text: textOf(found, check),
    }
  }
}

const NOT_RUNNING = 'No check runs.'
const tenth = (amps: number): number => Math.round(amps * 10) / 10

function textOf(found: ReturnType<typeof wiringFinding>, { steps }: WiringCheck): string {
  switch (found.kind) {
    case 'waiting':
      return `Start or stop a car below this meter, 2 times in all: ${steps.length} seen so far.`
    case 'does not see':
      return 'The meter does not move with these stations: it measures another circuit, is frozen, or its inputs are not connected.'
    case 'unclear':
      return 'The meter moves, but no order, direction and ratio of its inputs explain how. Repeat it while nothing else is switched.'
    case 'found': {
      const { change, orderUnknown, otherMaps, share, turned, unseen } = found
      const settings = Object.entries(change).map(([key, value]) => `${key} ${value}`)
      return [
        ...(settings.length > 0
          ? [`Set ${settings.join(', ')}.`]
          : otherMaps.length > 0
            ? []
            : turned.length > 0
              ? ['The other settings are right.']
              : ['It follows its stations as it is configured.']),
        ...(otherMaps.length === 0
          ? []
          : [
              `Its phases are in another order than configured: phaseMap ${otherMaps.join(' or ')}, or the phases of the station are exchanged. A car on another phase shows which.`,
            ]),
        ...(change.ctRatio === undefined ? [] : [`It shows ${share} of what the stations draw.`]),
        ...(turned.length === 0
          ? []
          : [`${turned.join(' and ')} counts backwards: turn its transformer round.`]),
        ...(orderUnknown && otherMaps.length === 0
          ? ['The order of the phases is not shown: a car that charges on one phase shows it.']
          : []),
        ...(unseen.length === 0 ? [] : [`No car has stepped on ${unseen.join(' and ')}.`]),
      ].join(' ')
    }
  }
}
