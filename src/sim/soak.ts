/**
 * `npm run soak -- --seeds N --hours H [--seed S] [--stations N] [--calm] [--long-lease] [--roomy] [--brisk] [--per-phase]`: whole
 * depots with faults through the real gateway on simulated ports. A process of its own, not a part of the gateway. Exit 1 on any second beyond the promise
 * and on anything that was worse than the table of single faults says.
 */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readDataFiles } from '../adapters/data-files.js'
import { buildCatalogue } from '../gateway/catalogue.js'
import { faultLines } from '../gateway/report.js'
import { soakReport } from './soak/report.js'
import { runSeed } from './soak/run.js'
import type { SeedResult } from './soak/seed-log.js'
import { withWattsOnly } from './soak/site.js'

const here = dirname(fileURLToPath(import.meta.url))

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '4' },
    hours: { type: 'string', default: '6' },
    seed: { type: 'string', default: '1' },
    stations: { type: 'string' },
    calm: { type: 'boolean', default: false },
    'long-lease': { type: 'boolean', default: false },
    roomy: { type: 'boolean', default: false },
    brisk: { type: 'boolean', default: false },
    'per-phase': { type: 'boolean', default: false },
  },
})

function numberOf(name: string, text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  process.stderr.write(`--${name}: found "${text}", expected a number above 0\n`)
  process.exit(2)
}

async function main(): Promise<number> {
  const hours = numberOf('hours', options.hours)
  const first = Math.floor(numberOf('seed', options.seed))
  const seeds = Math.floor(numberOf('seeds', options.seeds))
  const built = buildCatalogue(readDataFiles(join(here, '..', '..')))
  if (!built.ok) throw new Error(faultLines(built.faults).join('\n'))
  const catalogue = withWattsOnly(built.value)
  const results: SeedResult[] = []
  for (let seed = first; seed < first + seeds; seed++) {
    const result = await runSeed({
      seed,
      hours,
      catalogue,
      faults: !options.calm,
      longLease: options['long-lease'],
      roomy: options.roomy,
      brisk: options.brisk,
      perPhase: options['per-phase'],
      ...(options.stations !== undefined && { stations: numberOf('stations', options.stations) }),
    })
    results.push(result)
    const broken = [...result.causes].filter(([, cause]) => cause.beyondS > 0)
    const told = broken.map(([name, cause]) => `${name} ${cause.beyondS} s (${cause.first ?? ''})`)
    process.stderr.write(
      `seed ${seed}: ${result.stations} stations, trace ${result.hash}, beyond the promise: ${told.join('; ') || 'nothing'}\n`,
    )
  }
  const { user, system } = process.cpuUsage()
  const { lines, beyondS, worseS } = soakReport(results, { hours, cpuS: (user + system) / 1e6 })
  process.stdout.write(`${lines.join('\n')}\n`)
  return beyondS > 0 || worseS > 0 ? 1 : 0
}

main().then(
  code => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`the soak broke: ${error instanceof Error ? error.stack : String(error)}\n`)
    process.exit(3)
  },
)
