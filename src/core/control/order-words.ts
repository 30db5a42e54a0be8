/** What an order does to whom, part by part, as codes with their parameters. Pure. */
import { type Said, say } from '../words/said.js'
import type { OrderEffect } from './orders.js'

type Kept = OrderEffect['kept'][number]

const BECAUSE = {
  'not connected': 'kept-not-connected',
  'not read back yet': 'kept-not-read-back',
  'does not follow': 'kept-does-not-follow',
} as const satisfies Readonly<Record<Kept['because'], Said['phrase']>>

/** "main 63 A until 17:05" and "CP-3/1 from 16 A to 9 A"; `until` as people read it, absent for what has no end. */
export function orderParts({ circuits, cars, kept }: OrderEffect, until?: string): readonly Said[] {
  const parts = [
    ...circuits.map(({ circuitId: circuit, toA, onlyStations }) =>
      circuitPart({ circuit, limit: amps(toA) }, onlyStations === true, until),
    ),
    ...cars.map(car => say('order-car', { place: placeOf(car), from: amps(car.fromA), to: amps(car.toA) })),
    ...kept.map(it =>
      say('order-keeps', {
        place: placeOf(it),
        booked: amps(it.bookedA),
        because: say(BECAUSE[it.because]),
      }),
    ),
  ]
  return parts.length === 0 ? [say('order-changes-nothing')] : parts
}

/** All parts in one line. */
export const lineOf = (parts: readonly Said[]): string => parts.map(({ text }) => text).join('; ')

function circuitPart(
  told: { readonly circuit: string; readonly limit: string },
  onlyStations: boolean,
  until: string | undefined,
): Said {
  if (until === undefined) return say(onlyStations ? 'order-stations' : 'order-circuit', told)
  return say(onlyStations ? 'order-stations-until' : 'order-circuit-until', { ...told, until })
}

const amps = (valueA: number): string => `${Math.round(valueA * 10) / 10} A`
const placeOf = (it: { readonly stationId: string; readonly connectorId: number }): string =>
  `${it.stationId}/${it.connectorId}`
