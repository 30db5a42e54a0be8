/** What `check` and a refused start print: faults by path, and the proof of the promise. Text only. */
import type { Fault } from '../core/config/faults.js'
import type { SiteConfig } from '../core/config/site.js'
import { PROTECTION_FACTOR, type Proof } from '../core/site/promise.js'
import { type SingleFault, worstOfEach } from '../core/site/single-faults.js'

export function faultLines(faults: readonly Fault[]): readonly string[] {
  return [
    `${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}; nothing was started:`,
    ...faults.map(fault => `  ${fault.path}: found ${fault.found}, expected ${fault.expected}`),
  ]
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
  lines.push(
    `  Busbar lost: every station at its fail-safe after at most ${seconds(proof.lostOverLimitS)} (lease + clock bound + car)`,
  )
  for (const circuit of proof.circuits) {
    const inside = circuit.insideProtectionCurve ? 'inside' : 'outside'
    const lease = circuit.insideProtectionCurve ? '' : ', so the lease there is 60 s'
    lines.push(
      `    ${circuit.circuitId}: at most ${amps(circuit.lostBusbarA)} until then, ${inside} ${PROTECTION_FACTOR} x rating${lease}`,
    )
  }
  return lines
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

function singleFaultLine(row: SingleFault): string {
  const share = Math.round((100 * row.worstA) / row.ratedCurrentA)
  const lasts =
    row.worstA <= row.ratedCurrentA
      ? 'never above the rating'
      : row.overS === undefined
        ? 'until it is mended'
        : `at most ${seconds(row.overS)} above the rating`
  return `  ${row.isBounded ? 'bounded ' : 'UNBOUNDED'} ${row.fault}: ${row.circuitId} ${amps(row.worstA)} of ${amps(row.ratedCurrentA)} (${share} %), ${lasts}`
}

const amps = (valueA: number): string => `${Math.round(valueA * 10) / 10} A`
const seconds = (valueS: number): string => `${Math.round(valueS * 10) / 10} s`
