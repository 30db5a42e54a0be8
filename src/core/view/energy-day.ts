/**
 * Energy of one day at the site, by station and by circuit: what sessions took, and what the meter of a circuit counted.
 * The second is larger by the other load. Pure.
 */
import { isFields, numberAt, textAt } from '../fields.js'

/** Wh by id. */
export type Energies = Readonly<Record<string, number>>

export interface EnergyDay {
  /** On a calendar at the site, "2026-03-29". */
  readonly date: string
  readonly stations: Energies
  /** Sessions of the stations below it. */
  readonly circuits: Energies
  /** By the circuit's own meter; a circuit without one, or whose meter has no register, is not there. */
  readonly metered: Energies
  /** Import register of each meter when it was last read: what was counted while Busbar was down is of the next look. */
  readonly registersWh: Energies
}

/** A register that has moved by more since the last look was set, or is that of another meter. */
const MOST_AT_ONCE_WH = 50_000_000
/** As many as a configuration can have. */
const MAX_IDS = 2_000

export function newDay(date: string, before?: EnergyDay): EnergyDay {
  return { date, stations: {}, circuits: {}, metered: {}, registersWh: before?.registersWh ?? {} }
}

/** `circuitIds`: the one the station hangs on and all above it. */
export function withCharged(
  day: EnergyDay,
  stationId: string,
  circuitIds: readonly string[],
  wh: number,
): EnergyDay {
  if (wh <= 0) return day
  return {
    ...day,
    stations: plus(day.stations, stationId, wh),
    circuits: circuitIds.reduce((sums, id) => plus(sums, id, wh), day.circuits),
  }
}

export function withRegister(
  day: EnergyDay,
  meter: { readonly id: string; readonly circuitId: string; readonly importWh: number },
): EnergyDay {
  const { id, circuitId, importWh } = meter
  const before = Object.hasOwn(day.registersWh, id) ? day.registersWh[id] : undefined
  if (before === importWh) return day
  const wh = before === undefined ? 0 : importWh - before
  const isCounted = wh > 0 && wh <= MOST_AT_ONCE_WH
  return {
    ...day,
    registersWh: { ...day.registersWh, [id]: importWh },
    metered: isCounted ? plus(day.metered, circuitId, wh) : day.metered,
  }
}

function plus(sums: Energies, id: string, wh: number): Energies {
  const before = Object.hasOwn(sums, id) ? (sums[id] ?? 0) : undefined
  if (before === undefined && Object.keys(sums).length >= MAX_IDS) return sums
  return { ...sums, [id]: (before ?? 0) + wh }
}

/** Two parts of one day. */
export function joined(before: EnergyDay, after: EnergyDay): EnergyDay {
  const sums = (a: Energies, b: Energies): Energies =>
    Object.keys(b).reduce((all, id) => plus(all, id, b[id] ?? 0), a)
  return {
    ...after,
    stations: sums(before.stations, after.stations),
    circuits: sums(before.circuits, after.circuits),
    metered: sums(before.metered, after.metered),
  }
}

/** Undefined for what is no day of ours. */
export function decodeDay(value: unknown): EnergyDay | undefined {
  const date = textAt(value, 'date')
  if (!isFields(value) || date === undefined) return undefined
  const sums = (name: string): Energies => {
    const inner = value[name]
    if (!isFields(inner)) return {}
    return Object.fromEntries(
      Object.keys(inner).flatMap(id => {
        const wh = numberAt(inner, id)
        return wh === undefined ? [] : [[id, wh]]
      }),
    )
  }
  return {
    date,
    stations: sums('stations'),
    circuits: sums('circuits'),
    metered: sums('metered'),
    registersWh: sums('registersWh'),
  }
}
