/** Stations and their contracts live in the time stations are given, which does not jump with the wall clock. */
import type { Controller } from '../core/control/controller.js'
import type { Clock } from '../ports.js'

export function steadyClock(clock: Clock, controller: Controller): Clock {
  return {
    wallMs: () => controller.stationTimeMs(clock.monoMs()),
    monoMs: () => clock.monoMs(),
    after: (delayMs, run) => clock.after(delayMs, run),
    every: (periodMs, run) => clock.every(periodMs, run),
    eachMinute: run => clock.eachMinute(run),
  }
}
