/**
 * `npm run bench:energy`: the share of the wanted energy per capacity, by the allocator alone and by the real Controller, with and
 * without departures, beside the published figures of the same setting; a table on stdout and a plot in `energy.svg`.
 * `--days 4-9` plays these days of the month (0-31), `--kw 10,30` these capacities, `--tick 5000` the Controller's step,
 * `--metered` with a site meter, `--only allocator|controller` a part.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type SiteProfile, siteProfileSchema } from '../../../src/core/config/site-profile.js'
import { SESSIONS, sessionsOf } from './acn.js'
import { playAllocator } from './allocator-run.js'
import { type ControllerFigures, playController } from './controller-run.js'
import { plot, type Series } from './plot.js'

const ALL_KW = [10, 20, 30, 40, 50, 60]
/** Of the whole month; what is not measured here. */
const PUBLISHED: readonly Series[] = [
  { name: 'offline LP', percents: [49.19, 75.01, 86.97, 94.83, 98.15, 99.54] },
  { name: 'least laxity, whole amps', percents: [47.87, 73.91, 86.46, 93.87, 97.95, 99.24] },
  { name: 'max-min, published', percents: [46.62, 70.79, 81.89, 88.92, 93.33, 96.35] },
]

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '0-31' },
    kw: { type: 'string', default: ALL_KW.join(',') },
    tick: { type: 'string', default: '5000' },
    metered: { type: 'boolean', default: false },
    only: { type: 'string' },
    runs: { type: 'string', default: 'departures,learned,first-come,workplace' },
    keep: { type: 'string' },
    out: { type: 'string', default: 'energy.svg' },
  },
})
const [from = 0, to = 31] = values.days.split('-').map(Number)
const capacities = values.kw.split(',').map(Number)
const isMonth = from === 0 && to === 31
const sessions = isMonth ? SESSIONS : sessionsOf({ from, to })

function profile(id: string, change: Partial<SiteProfile> = {}): SiteProfile {
  return { ...siteProfileSchema.parse(JSON.parse(readFileSync(`profiles/${id}.json`, 'utf8'))), ...change }
}

function line({ name, percents }: Series, note = ''): void {
  console.log(
    `${name.padEnd(44)}${percents.map(percent => percent.toFixed(2).padStart(7)).join('')}  ${note}`,
  )
}

/** Played once: a month takes minutes of CPU, and what `--keep FILE` has of it is not played again. */
function kept(key: string, play: () => ControllerFigures): ControllerFigures {
  const { keep } = values
  const before = keep !== undefined && existsSync(keep) ? readFileSync(keep, 'utf8').trim().split('\n') : []
  for (const row of before) {
    const known: { key: string; figures: ControllerFigures } = JSON.parse(row)
    if (known.key === key) return known.figures
  }
  const beginUs = process.cpuUsage().user
  const figures = play()
  const cpuS = Math.round((process.cpuUsage().user - beginUs) / 1e6)
  const { full, part, ramp, rest } = figures.lost
  const lost = `lost to full cars ${full.toFixed(2)}, to parts of an amp ${part.toFixed(2)}, on its way ${ramp.toFixed(2)}, else ${rest.toFixed(2)}`
  console.error(`${key}: ${figures.percent.toFixed(2)} %, ${lost}, ${cpuS} s CPU`)
  if (keep !== undefined) appendFileSync(keep, `${JSON.stringify({ key, figures, cpuS })}\n`)
  return figures
}

const found: Series[] = []
const wants = (part: string): boolean => values.only === undefined || values.only === part

console.log(`${sessions.length} sessions, days ${from} to ${to}, percent of the energy that was wanted`)
console.log(`${'kW'.padEnd(44)}${capacities.map(kw => String(kw).padStart(7)).join('')}`)
if (isMonth && values.kw === ALL_KW.join(',')) {
  for (const series of PUBLISHED) line(series, 'published')
  found.push(...PUBLISHED)
}
if (wants('allocator')) {
  const shares = capacities.map(capacityKw =>
    playAllocator(sessions, { capacityKw, sharing: 'equal', knows: 'nothing', isContinuous: true }),
  )
  found.push({ name: 'allocator, max-min without steps', percents: shares })
  line({ name: 'allocator, max-min without steps', percents: shares })
  for (const [sharing, knows, title] of [
    ['least-laxity', 'departures', 'least-laxity, departures known'],
    ['least-laxity', 'learned', 'least-laxity, departures learned'],
    ['first-come', 'nothing', 'first-come'],
    ['equal', 'nothing', 'max-min'],
  ] as const) {
    const name = `allocator, ${title}`
    const percents = capacities.map(capacityKw => playAllocator(sessions, { capacityKw, sharing, knows }))
    found.push({ name, percents })
    line({ name, percents })
  }
}
if (wants('controller')) {
  const runs = [
    ['departures', 'controller, departures known', profile('fleet-by-departure'), 'departures'],
    ['learned', 'controller, departures learned', profile('fleet-by-departure'), 'learned'],
    ['first-come', 'controller, first-come', profile('workplace', { sharing: 'first-come' }), 'nothing'],
    ['workplace', 'controller, max-min (workplace)', profile('workplace'), 'nothing'],
  ] as const
  for (const [run, name, site, knows] of runs) {
    if (!values.runs.split(',').includes(run)) continue
    const figures = capacities.map(capacityKw =>
      kept(`${run} ${capacityKw} kW ${values.days} ${values.tick} ${values.metered ? 'metered' : ''}`, () =>
        playController(sessions, {
          ...{ capacityKw, knows, profile: site },
          isMetered: values.metered,
          tickMs: Number(values.tick),
        }),
      ),
    )
    const series = { name, percents: figures.map(({ percent }) => percent) }
    const most = (of: (figure: ControllerFigures) => number): string =>
      Math.max(...figures.map(of)).toFixed(1)
    found.push(series)
    line(
      series,
      `at most ${most(it => it.overA)} A over, ${most(it => it.switchesPerCarHour)} switches/car-hour, ${most(it => it.writesPerStationDay)} writes/station-day`,
    )
  }
}
writeFileSync(values.out, plot(capacities, found))
console.log(`plotted in ${values.out}`)
