/**
 * `npm run conformance`: plays both suites on both lines, measures the figures, prints the table and writes
 * reports/conformance.html and .json. With `--against ws://HOST/ocpp` the Central System suite is played against any
 * Central System over real sockets. Ends with 1 when a case failed, 2 when the command line is wrong.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { createClock } from '../../src/adapters/clock.js'
import { createNetwork } from '../../src/adapters/network.js'
import type { PlayedCase } from './case.js'
import { playAgainst, playCentralSystem } from './central-system/play.js'
import { type Figure, measureFigures } from './figures.js'
import { playFurther } from './further.js'
import { HARDWARE } from './hardware.js'
import { readConfiguration } from './pass-through/configuration.js'
import { playPassThrough } from './pass-through/play.js'
import { type FurtherInput, hasFailed, type Line, planId, reportOf, seedId } from './report.js'
import { htmlOf } from './report-html.js'
import { textOf } from './report-text.js'

const FOLDER = 'reports'
const FULL = { stations: 100, seconds: 10, settleSeconds: 4 }
const SHORT = { stations: 100, seconds: 3, settleSeconds: 3 }

function commitOf(): string {
  const { status, stdout } = spawnSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' })
  if (status !== 0) return 'unknown'
  const changed = spawnSync('git', ['status', '--porcelain', '--', 'src', 'test', 'devices'], {
    encoding: 'utf8',
  })
  return `${stdout.trim()}${changed.stdout === '' ? '' : ', with changes'}`
}

const USAGE = `usage: npm run conformance -- [--short] [--against ws://HOST/ocpp [--station ID] [--password TEXT]
       [--tag IDTAG] [--invalid IDTAG] [--blocked IDTAG] [--expired IDTAG] [--wait-s SECONDS] [--only ID,ID]]`

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function wrong(place: string, found: string, expected: string): never {
  process.stderr.write(`${place}: found ${JSON.stringify(found)}, expected ${expected}\n${USAGE}\n`)
  process.exit(2)
}

function optionsOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        short: { type: 'boolean', default: false },
        against: { type: 'string' },
        station: { type: 'string', default: 'BUSBAR-TEST' },
        password: { type: 'string' },
        tag: { type: 'string', default: 'TAG-1' },
        invalid: { type: 'string' },
        blocked: { type: 'string' },
        expired: { type: 'string' },
        only: { type: 'string' },
        'wait-s': { type: 'string', default: '60' },
      },
    }).values
  } catch (fault) {
    return wrong('command line', args.join(' '), fault instanceof Error ? fault.message : 'known options')
  }
}

async function bothLines(): Promise<Readonly<Record<Line, readonly PlayedCase[]>>> {
  const one = async (quality: Line): Promise<readonly PlayedCase[]> => [
    ...(await playCentralSystem({ quality })),
    ...(await playPassThrough({ quality })),
  ]
  return { lab: await one('lab'), worst: await one('worst') }
}

/** Only what was played over real sockets: there is one line, the real one. */
async function against(url: string, options: ReturnType<typeof optionsOf>): Promise<readonly PlayedCase[]> {
  const waitS = Number(options['wait-s'])
  if (!Number.isFinite(waitS) || waitS < 0) wrong('--wait-s', options['wait-s'], 'seconds, 0 or more')
  if (!URL.canParse(url) || !/^wss?:$/.test(new URL(url).protocol))
    wrong('--against', url, 'a ws:// or wss:// URL without the station')
  const { blocked, expired, invalid, only, password, station, tag } = options
  return playAgainst({
    ports: { clock: createClock(), network: createNetwork({ write: () => {} }) },
    url,
    stationId: station,
    ...(password !== undefined && { password }),
    waitForOrderMs: waitS * 1000,
    tags: {
      valid: tag,
      ...(invalid !== undefined && { invalid }),
      ...(blocked !== undefined && { blocked }),
      ...(expired !== undefined && { expired }),
    },
    ...(only !== undefined && { only: only.split(',').map(planId) }),
    ask: say,
    onPlayed: one => say(`${seedId(one)} ${one.title}: ${one.result.kind}`),
  })
}

async function main(): Promise<void> {
  const options = optionsOf(process.argv.slice(2))
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  const at = new Date().toISOString()
  const isOwn = options.against === undefined
  let played: Readonly<Record<Line, readonly PlayedCase[]>>
  let further: readonly FurtherInput[] = []
  let figures: readonly Figure[] = []
  if (options.against === undefined) {
    played = await bothLines()
    further = await playFurther()
    figures = await measureFigures(options.short ? SHORT : FULL)
  } else {
    const cases = await against(options.against, options)
    played = { lab: cases, worst: cases }
  }
  const configurations = isOwn
    ? await Promise.all(HARDWARE.map(({ device }) => readConfiguration(device)))
    : []
  const report = reportOf({
    version,
    at,
    commit: commitOf(),
    hardware: isOwn ? HARDWARE : [],
    played,
    further,
    figures,
    configurations,
  })
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(`${FOLDER}/conformance.json`, `${JSON.stringify(report, undefined, 1)}\n`)
  writeFileSync(`${FOLDER}/conformance.html`, htmlOf(report))
  say(textOf(report))
  say(`\nwritten: ${FOLDER}/conformance.html, ${FOLDER}/conformance.json`)
  process.exitCode = hasFailed(report) ? 1 : 0
}

await main()
