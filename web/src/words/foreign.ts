/** The core's reasons by their codes and parameters in German and Portuguese. Loaded by `from-core.ts` when one of them is chosen. */
import type { Lift, Order, OtherLoadDoubt, PartCode } from '../../../src/core/control/reason.js'
import type { CircuitView, ReasonView, WhyView } from '../../../src/core/view/document.js'
import type { CircuitPartView, CircuitWhyView } from '../../../src/core/view/why-document.js'
import { number } from './numbers.js'
import { isOfPage } from './order-source.js'
import { KEPT, LIFTED, NAMES, TEXTS } from './reason-tables.js'
import { reasonWords } from './reason-words.js'
import { fill } from './room.js'

const amps = (valueA: number): string => `${number(valueA)} A`
const whole = (valueA: number): string => `${number(valueA, 0)} A`

export function whyText({ chain, text }: WhyView): string {
  const last = chain.at(-1)
  return last === undefined ? text : fill(TEXTS(last.code) ?? text, valuesOf(last))
}

export function reasonName(reason: ReasonView): string {
  return fill(NAMES(reason.code) ?? reason.name, valuesOf(reason))
}

export function liftedText(lift: Lift): string | undefined {
  return LIFTED(lift)
}

function valuesOf(reason: ReasonView): Readonly<Record<string, string>> {
  const { valueA, towardsA, circuitId = '?', phase = '?', about = '?', order } = reason
  return {
    ...{ circuit: circuitId, phase, about, amps: amps(valueA) },
    towards: amps(towardsA ?? 0),
    now: valueA === 0 ? reasonWords('pausedNow') : reasonWords('ampsNow', { amps: amps(valueA) }),
    shared: sharedText(reason),
    order: orderText(order),
  }
}

function sharedText({ cars = 1, rule = 'equal' }: ReasonView): string {
  return cars <= 1 ? reasonWords('alone') : reasonWords(`share ${rule}`, { cars })
}

/** How the lock-out of an import limit is named. */
const LOCKED = ':locked'

function orderText(order: Order | undefined): string {
  if (order === undefined) return reasonWords('orderUnknown')
  const name = order.id.replace(/^pause:/, '')
  switch (order.source) {
    case 'window':
      return reasonWords('orderHours', { name })
    case 'grid':
      return reasonWords('orderGrid', { name })
    case 'mean':
      return reasonWords('orderMean', { name })
    case 'g100':
      return name.endsWith(LOCKED)
        ? reasonWords('orderLocked', { name: name.slice(0, -LOCKED.length) })
        : reasonWords('orderImport', { name })
    case 'test':
      return reasonWords('orderTest', { by: order.by })
  }
  const isSilent = order.source === 'silence' || order.state === 'fallback'
  if (isSilent) return reasonWords('orderSilence', { name })
  return isOfPage(order)
    ? reasonWords('orderPage', { by: order.by })
    : reasonWords('order', { name, by: order.by })
}

export function doubtText(doubt: OtherLoadDoubt, meter: string): string {
  return reasonWords(doubt, { meter })
}

export function circuitText(
  { phase, limitA, order, onlyStations, parts }: CircuitWhyView,
  circuit?: CircuitView,
): string {
  const by = order === undefined ? '' : reasonWords('asOrdered', { order: orderText(order) })
  const only = onlyStations === true ? reasonWords('ofStations') : ''
  const said = parts.map(part => partText(part, circuit)).filter(text => text !== '')
  return reasonWords('circuit', { amps: amps(limitA), only, phase, by, parts: said.join(', ') })
}

function partText(part: CircuitPartView, circuit: CircuitView | undefined): string {
  const { code, valueA, about = [], count = 0 } = part
  switch (code) {
    case 'other load':
      return otherLoadText(valueA, circuit)
    case 'cars':
      return count === 0 ? '' : reasonWords(count === 1 ? 'oneCar' : 'cars', { count, amps: whole(valueA) })
    case 'free':
      if (valueA >= 0.5) return reasonWords('free', { amps: whole(valueA) })
      return valueA > -0.5 ? reasonWords('full') : reasonWords('tooMuch', { amps: whole(-valueA) })
    default:
      return keptText(code, valueA, whoText(about, count))
  }
}

function keptText(
  code: Exclude<PartCode, 'other load' | 'cars' | 'free'>,
  valueA: number,
  who: string,
): string {
  return reasonWords('kept', { amps: whole(valueA), why: fill(KEPT(code) ?? ` ${code}`, { who }) })
}

function otherLoadText(valueA: number, circuit: CircuitView | undefined): string {
  const isAssumed = circuit?.otherLoadSource === 'worst case'
  if (isAssumed && valueA === 0) return reasonWords('noOther')
  if (circuit === undefined) return reasonWords('other', { amps: whole(valueA) })
  const { otherLoadDoubt, meterId = '' } = circuit
  if (!isAssumed && Math.round(valueA) === 0) return reasonWords('noneMeasured')
  if (!isAssumed) return reasonWords('otherMeasured', { amps: whole(valueA) })
  const why = otherLoadDoubt === undefined ? '' : `: ${doubtText(otherLoadDoubt, meterId)}`
  return reasonWords('otherAssumed', { amps: whole(valueA), why })
}

function whoText(about: readonly string[], count: number): string {
  if (count > about.length) return reasonWords('stations', { count })
  const last = about.at(-1) ?? ''
  return about.length < 2 ? last : reasonWords('and', { list: about.slice(0, -1).join(', '), last })
}
