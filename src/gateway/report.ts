/** What `check` and a refused start print: faults by path, and the proof of the promise. Text only. */
import type { FileFault } from '../core/config/faults.js'
import type { Place } from '../core/config/json-text.js'
import { isDrivenByCsms, type SiteConfig } from '../core/config/site.js'
import type { SiteProfile } from '../core/config/site-profile.js'
import type { BookingRecord } from '../core/control/record.js'
import { PROTECTION_FACTOR, type Proof, SHORT_LEASE_S } from '../core/site/promise.js'
import { type SingleFault, worstOfEach } from '../core/site/single-faults.js'

export function faultLines(faults: readonly (FileFault & Partial<Place>)[]): readonly string[] {
  return [
    `${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}; nothing was started:`,
    ...faults.map(
      fault => `  ${fault.path}: found ${fault.found}, expected ${fault.expected}${placeText(fault)}`,
    ),
  ]
}

function placeText({ line, column }: Partial<Place>): string {
  return line === undefined ? '' : ` (line ${line} column ${column})`
}

export function proofLines(config: SiteConfig, proof: Proof): readonly string[] {
  const connectors = config.stations.reduce((sum, station) => sum + station.connectors.length, 0)
  const lines = [
    `site ${config.site.id}: ${config.circuits.length} circuits, ${config.meters.length} meters, ${config.stations.length} stations, ${connectors} connectors`,
    '',
    'Every link dead, every connector at its fail-safe:',
  ]
  for (const circuit of proof.circuits) {
    const worstA = Math.max(...circuit.failSafeA)
    const sum = `fail-safes ${amps(worstA)} + worst other load ${amps(circuit.worstOtherLoadA)} = ${amps(worstA + circuit.worstOtherLoadA)} of ${amps(circuit.limitA)}`
    lines.push(`  ${circuit.holds ? 'holds ' : 'BROKEN'} ${circuit.circuitId}: ${sum}`)
  }
  lines.push('', 'The promise:')
  lines.push(
    proof.aliveOverLimitS === undefined
      ? '  Busbar alive: no meter, other load is always taken at its worst case'
      : `  Busbar alive: after a jump of other load at most ${seconds(proof.aliveOverLimitS)} above a limit (poll + command + station and car)`,
  )
  if (proof.aliveOverLimitS !== undefined) lines.push(WITHOUT_TRIGGER)
  lines.push(
    `  Busbar lost: every station at its fail-safe after at most ${seconds(proof.lostOverLimitS)} (lease + clock bound + car)`,
  )
  for (const circuit of proof.circuits) {
    const inside = circuit.insideProtectionCurve ? 'inside' : 'outside'
    const lease = circuit.insideProtectionCurve
      ? ''
      : `, above that as long as a lease of ${SHORT_LEASE_S} s: offers that could come to it have no other`
    lines.push(
      `    ${circuit.circuitId}: at most ${amps(circuit.lostBusbarA)} until then, ${inside} ${PROTECTION_FACTOR} x rating${lease}`,
    )
  }
  for (const { sourceId, circuitId, minimumA, failSafeA, holds } of proof.guarantees) {
    const sum = `fail-safes ${amps(failSafeA)} on ${circuitId}, ${amps(minimumA)} promised by ${sourceId}`
    lines.push(holds ? `  held on loss of Busbar: ${sum}` : `  NOT HELD on loss of Busbar: ${sum}`)
  }
  return lines
}

/** Which stations that are shows only when one is asked: the page names them. */
const WITHOUT_TRIGGER =
  '    one sample interval of the station longer where a car takes less as other load rises and the station knows no TriggerMessage'

/** How the site is run: its profile, in the words of its file and its times. */
export function profileLines(profile: SiteProfile): readonly string[] {
  const { id, title, sharing, raiseAfterMs, raiseStepA, raiseEveryMs, quantumMs, minOnMs, maxLeaseS } =
    profile
  const minutes = (ms: number): string => `${Math.round(ms / 60_000)} min`
  return [
    '',
    `Run as ${id}: ${title}`,
    `  sharing ${sharing}, turns of ${minutes(quantumMs)}, on for at least ${minutes(minOnMs)}`,
    `  raises by ${raiseStepA} A each ${raiseEveryMs / 1000} s once room has lasted ${raiseAfterMs / 1000} s, leases of at most ${maxLeaseS} s`,
  ]
}

/** Of each fault the circuit that fares worst, and below it every other circuit that the protection curve does not bound. */
export function singleFaultLines(rows: readonly SingleFault[]): readonly string[] {
  const worst = worstOfEach(rows)
  const others = rows.filter(row => !row.isBounded && !worst.includes(row))
  return [
    '',
    `One fault at a time, on the circuit that fares worst (bounded = at most ${PROTECTION_FACTOR} x rating):`,
    ...[...worst, ...others].map(singleFaultLine),
  ]
}

function untilWhen({ kind, overS, untold }: SingleFault): string {
  if (untold !== undefined)
    return `at most ${seconds(untold.afterS)} above the rating, then ${amps(untold.worstA)} that nothing tells of until it is mended`
  if (overS !== undefined) return `at most ${seconds(overS)} above the rating`
  return kind === 'meter wrong' ? 'until a car changes by 5 A or it is mended' : 'until it is mended'
}

function singleFaultLine(row: SingleFault): string {
  const share = Math.round((100 * row.worstA) / row.ratedCurrentA)
  const lasts = row.worstA <= row.ratedCurrentA ? 'never above the rating' : untilWhen(row)
  return `  ${row.isBounded ? 'bounded ' : 'UNBOUNDED'} ${row.fault}: ${row.circuitId} ${amps(row.worstA)} of ${amps(row.ratedCurrentA)} (${share} %), ${lasts}`
}

/** What is configured against what lies on the stations, by the records of the last run (control rule 11). */
export function installedLines(config: SiteConfig, records: readonly BookingRecord[]): readonly string[] {
  const keyed = new Map<string, BookingRecord>()
  for (const record of records)
    if (record.unplaced !== true) keyed.set(`${record.stationId}/${record.connectorId}`, record)
  const configuredIds = new Set(config.stations.map(({ id }) => id))
  const lines = config.stations.flatMap(({ id, connectors, loadControl }) =>
    connectors.map(({ id: connectorId, failSafeCurrentA, maxCurrentA }) => {
      const key = `${id}/${connectorId}`
      const record = keyed.get(key)
      keyed.delete(key)
      if (isDrivenByCsms({ loadControl }))
        return `  csms    ${key}: driven by its CSMS, no fail-safe of ours: counts as ${amps(maxCurrentA)}`
      const configured = `${key}: fail-safe ${amps(failSafeCurrentA)} configured`
      if (record === undefined || record.unreadable === true) {
        const why = record === undefined ? 'no record' : 'a record that cannot be read'
        return `  unknown ${configured}, ${why}: counts as ${amps(maxCurrentA)}`
      }
      const { failSafeA, worstA } = record
      const installed = failSafeA === undefined ? 'nobody knows what is' : amps(failSafeA)
      const verdict =
        failSafeA === failSafeCurrentA ? 'same   ' : failSafeA === undefined ? 'unknown' : 'DIFFERS'
      return `  ${verdict} ${configured}, ${installed} installed, ${survivalText(record)}; at most ${amps(worstA)} when last written`
    }),
  )
  const gone = [...keyed].map(([key, { worstA, maxCurrentA, circuit, unreadable }]) =>
    unreadable === true
      ? `  UNPLACED ${key}: not configured, a record that cannot be read: its maximum is booked on every circuit`
      : `  RETIRED ${key}: not configured, ${amps(Math.max(worstA, maxCurrentA ?? worstA))} may stay booked on ${circuit ?? 'every top circuit'}`,
  )
  const unplaced = records
    .filter(({ unplaced, stationId }) => unplaced === true && !configuredIds.has(stationId))
    .map(
      ({ stationId, connectorId, worstA }) =>
        `  UNPLACED ${stationId}/${connectorId}: not configured and in use when last heard, ${amps(worstA)} are booked on every circuit`,
    )
  return [
    '',
    'Configured against installed, by the records in the data folder:',
    ...lines,
    ...gone,
    ...unplaced,
  ]
}

function survivalText({ survivedReboot }: BookingRecord): string {
  if (survivedReboot === undefined) return 'never seen over a reboot'
  return survivedReboot ? 'survived a reboot' : 'LOST in a reboot'
}

const amps = (valueA: number): string => `${Math.round(valueA * 10) / 10} A`
const seconds = (valueS: number): string => `${Math.round(valueS * 10) / 10} s`
