import t from 'tap'
import { z } from 'zod'
import { parseDocument } from '../../src/core/config/faults.js'
import { unitOf } from '../../src/core/config/shown.js'
import { siteConfigSchema } from '../../src/core/config/site.js'
import type { SiteView, StationView } from '../../src/core/view/document.js'
import { sayReason } from '../../src/core/view/link-view.js'
import { sayFault } from '../../src/core/view/meter-conditions.js'
import { nothingToShow } from '../../src/core/view/nothing-to-show.js'
import { LINK_WORDS } from '../../src/core/words/links.js'
import { refusal } from '../../src/core/words/refused.js'
import { say } from '../../src/core/words/said.js'
import { told } from '../../src/core/words/told.js'
import { patchText, snapshot } from '../../src/web/site-patch.js'
import { timeTicks, valueTicks } from '../../web/src/chart-ticks.js'
import { type Box, layOut } from '../../web/src/diagram-layout.js'
import { amps, duration, isOver, otherLoadText, reckonedOther, roomText } from '../../web/src/format.js'
import {
  anotherMember,
  blank,
  fieldOf,
  numberFrom,
  pathText,
  renamed,
  valueAt,
  withValue,
} from '../../web/src/forms/document.js'
import { modelsFound, readWishOf, scanWishOf, takenOver } from '../../web/src/forms/meter-wish.js'
import { completionsAt } from '../../web/src/json-completion.js'
import { cardTexts, circuitLabel, drawText, stationLabel } from '../../web/src/labels.js'
import { isSetUp } from '../../web/src/set-up-mode.js'
import { ampsFrom, isCsmsUrl, missingOf, startingDraft } from '../../web/src/setup/draft.js'
import { applyPatch } from '../../web/src/site-state.js'
import { ADVISED, adviceOf } from '../../web/src/words/advice.js'
import { codedText } from '../../web/src/words/coded.js'
import { LANGUAGES, speak } from '../../web/src/words/language.js'
import { decimals, number, when } from '../../web/src/words/numbers.js'
import { saidText } from '../../web/src/words/said-words.js'
import { NOTES } from '../../web/src/words/station-notes.js'
import { answerText, errorText, expectedText, foundText } from '../../web/src/words/told-words.js'
import { depotView } from './fixtures/depot.js'

const START_S = 1_790_000_000
const switches = { csmsOff: false, meterOff: false, brokerOff: false }
const depot = (stations: number, atS = START_S) => depotView(atS, { stations, startS: START_S, switches })

const overlap = (a: Box, b: Box) =>
  a.x < b.x + b.w - 0.01 && b.x < a.x + a.w - 0.01 && a.y < b.y + b.h - 0.01 && b.y < a.y + a.h - 0.01

t.test(
  'a meter of the form is read as it is wired, searched where it hangs, and takes what was found',
  async t => {
    const connection = { kind: 'tcp', host: '10.0.0.20', port: 503 }
    const meter = { id: 'main', device: 'd', unitId: 9, pollMs: 1000, connection, phaseMap: 'L2L3L1' }
    t.same(readWishOf(meter), { device: 'd', unitId: 9, connection, phaseMap: 'L2L3L1' })
    t.same(scanWishOf(meter), { hosts: ['10.0.0.20:503'], unitIds: '1-5,9' })
    const serial = { kind: 'rtu', path: '/dev/ttyUSB0' }
    t.same(scanWishOf({ connection: serial }), { serialLines: ['/dev/ttyUSB0'], unitIds: '1-5' })
    t.same(scanWishOf({ connection: { kind: 'tcp', host: 'a' } }), { hosts: ['a'], unitIds: '1-5' })
    for (const nothing of [{}, { connection: { kind: 'virtual', parts: [] } }, undefined])
      t.same([readWishOf(nothing), scanWishOf(nothing)], [undefined, undefined])
    const rtu = { kind: 'rtu-over-tcp', host: '10.0.0.20', port: 503 } as const
    const model = {
      device: 'abb-b23-b24',
      manufacturer: 'ABB',
      model: 'B23',
      confidence: 'identified',
    } as const
    const [found] = modelsFound([
      { where: '10.0.0.20', state: 'not opened', units: [] },
      {
        where: 'x',
        state: 'searched',
        units: [{ unitId: 5, connection: rtu, models: [{ ...model, values: {} }] }],
      },
    ])
    t.match(found, { name: 'ABB B23, unit 5, identified', currentA: undefined })
    if (found === undefined) return
    const taken = { ...meter, device: 'abb-b23-b24', unitId: 5, connection: rtu }
    t.same(takenOver(meter, found), taken, 'its name and its wiring stay')
  },
)

t.test(
  'the diagram places every node once, inside its frame and over no other, on phone and laptop',
  async t => {
    for (const width of [320, 366, 700, 900, 1400, 1780])
      for (const stations of [0, 1, 3, 12, 60, 130]) {
        const site = depot(stations)
        const layout = layOut(site, width)
        t.equal(layout.circuits.length, site.circuits.length)
        t.equal(layout.stations.length, stations)
        const boxes: Box[] = [...layout.circuits, ...layout.stations]
        t.ok(
          boxes.every(
            ({ x, y, w, h }) => x >= 0 && y >= 0 && x + w <= width + 0.01 && y + h <= layout.height,
          ),
          `${stations} stations inside ${width} px`,
        )
        t.ok(
          boxes.every((box, index) => boxes.slice(index + 1).every(other => !overlap(box, other))),
          `${stations} stations apart in ${width} px`,
        )
        t.ok(layout.stations.every(({ w }) => w >= 70))
      }
  },
)

t.test('a plot has its ticks at round amps, and at round times on the wall', async t => {
  t.same(valueTicks(0, 274.4, 6), [0, 50, 100, 150, 200, 250])
  t.same(valueTicks(-3.2, 12, 6), [0, 5, 10])
  t.same(valueTicks(0, 1.12, 6), [0, 0.2, 0.4, 0.6, 0.8, 1])
  t.same(valueTicks(5, 5, 6), [5], 'nothing between')
  t.same(valueTicks(0, 10, 0), [0, 10], 'no room')
  for (const [most, count] of [
    [1, 1],
    [63, 3],
    [6_300, 7],
    [0.07, 4],
  ] as const)
    t.ok(valueTicks(0, most, count).length <= count + 1, `${most} A in ${count}`)
  // Lisbon goes an hour ahead on 2026-03-29 at 01:00 UTC
  const change = Date.parse('2026-03-29T01:00:00Z') / 1000
  const lisbon = (atS: number): number => (atS >= change ? 3_600 : 0)
  const hours = (ticks: readonly number[]) =>
    ticks.map(atS => new Date((atS + lisbon(atS)) * 1000).getUTCHours())
  const ticks = timeTicks(change - 43_200, change + 43_200, 5, lisbon)
  t.same(hours(ticks), [18, 0, 6, 12], 'round on the wall before and after')
  const days = timeTicks(change - 3 * 86_400, change + 4 * 86_400, 7, lisbon)
  t.ok(hours(days).every(hour => hour === 0))
  t.equal(days.length, 7)
  t.same(
    timeTicks(900, 1_800, 3, () => 0),
    [900, 1_200, 1_500, 1_800],
  )
})

const CHAIN = { code: 'share', name: 'main, L1', lift: 'room', lifted: 'when a car stops' } as const

/** Without the times of readings, and to the last digit that the page writes. */
function asShown(site: SiteView): unknown {
  const shown = (key: string, value: unknown): unknown => {
    if (/^(read|measured)At$/.test(key)) return undefined
    if (typeof value !== 'number' || !/(Wh|W)$/.test(key)) return value
    return Math.round(value / 100)
  }
  return JSON.parse(JSON.stringify(site, shown))
}

t.test('a station on the main circuit itself hangs from the busbar', async t => {
  const site = depot(3)
  const moved = { ...site, stations: site.stations.map(station => ({ ...station, circuitId: 'main' })) }
  t.equal(layOut(moved, 900).stations.length, 3)
  t.equal(layOut(moved, 340).stations.length, 3)
})

t.test(
  'a patch brings the page to what the server holds, and leaves what did not change as it was',
  async t => {
    const before = depot(12)
    const after = depot(12, START_S + 5)
    const text = patchText(snapshot(before), snapshot(after))
    const held = applyPatch(before, JSON.parse(text ?? 'null'))
    t.same(asShown(held), asShown(after))
    t.equal(held.stations[5], before.stations[5], 'an idle station is the same object')
    t.equal(
      patchText(snapshot(before), snapshot(depot(13))),
      undefined,
      'another station needs the whole site',
    )
  },
)

t.test(
  'a patch takes a field away that is gone, and says nothing of a reading that only is newer',
  async t => {
    const before = depot(2)
    const [meter, ...others] = before.meters
    const { currentA: _, ...absent } = { ...meter!, quality: 'absent' as const }
    const held = applyPatch(
      before,
      JSON.parse(patchText(snapshot(before), snapshot({ ...before, meters: [absent, ...others] })) ?? 'null'),
    )
    t.notOk('currentA' in held.meters[0]!)
    t.equal(held.meters[0]?.quality, 'absent')
    const newer = {
      ...before,
      meters: before.meters.map(old => ({ ...old, readAt: '2026-09-21T14:13:59.000Z' })),
    }
    t.equal(patchText(snapshot(before), snapshot(newer)), '')
  },
)

t.test(
  'of a connector only what changed is sent, and of readings what changes a digit on the page',
  async t => {
    const before = depot(12)
    const index = before.stations.findIndex(({ connectors }) => connectors.length === 2)
    const station = before.stations[index]!
    const changed = (change: Partial<StationView>): SiteView => ({
      ...before,
      stations: before.stations.map(old => (old === station ? { ...station, ...change } : old)),
    })
    const told = (after: SiteView): string | undefined => patchText(snapshot(before), snapshot(after))
    const [first, second] = [station.connectors[0]!, station.connectors[1]!]
    const amps = changed({ connectors: [first, { ...second, measuredA: [7.1, 7.2, 7.3] }] })
    t.equal(
      told(amps),
      `{"at":"${before.at}","stations":[{"id":"${station.id}","within":{"connectors":[{"id":2,"measuredA":[7.1,7.2,7.3]}]}}]}`,
    )
    const held = applyPatch(before, JSON.parse(told(amps) ?? 'null'))
    t.same(held, amps)
    t.equal(held.stations[index]?.connectors[0], first, 'the other is the same object')
    const fewer = changed({ connectors: [first] })
    t.same(applyPatch(before, JSON.parse(told(fewer) ?? 'null')), fewer, 'one that is gone is gone')

    const metered = changed({ powerW: 11_040, importWh: 51_260 })
    const from = (after: Partial<StationView>) => patchText(snapshot(metered), snapshot(changed(after)))
    t.equal(from({ powerW: 10_960, importWh: 51_349 }), '', '11.0 kW and 51.3 kWh are shown as before')
    t.match(from({ powerW: 11_050, importWh: 51_260 }), /"powerW":11050}/, 'the exact value goes along')
    const chain = (valueA: number): StationView['connectors'] => [
      { ...first, why: { ...first.why, chain: [{ ...CHAIN, valueA }] } },
      second,
    ]
    const chained = snapshot(changed({ connectors: chain(8.4) }))
    t.match(
      patchText(chained, snapshot(changed({ connectors: chain(8.3) }))),
      /"valueA":8.3/,
      'an offer is exact',
    )
  },
)

t.test('the name of a node begins with the words that are seen on it (WCAG 2.5.3)', async t => {
  const site = depot(12)
  for (const circuit of site.circuits) {
    const { measured, of } = cardTexts(circuit)
    const phases = circuit.measuredA?.map((valueA, phase) => `L${phase + 1} ${amps(valueA)}`).join(' ')
    t.ok(circuitLabel(circuit).startsWith(`${circuit.id} ${measured}${of} ${phases}`), circuitLabel(circuit))
  }
  for (const station of site.stations)
    t.ok(stationLabel(station).startsWith(`${station.id} ${drawText(station)}`), stationLabel(station))
})

t.test('what is set aside beyond the limit is no fault of a circuit that is below it', async t => {
  const [main] = depot(3).circuits
  const circuit = { ...main!, measuredSource: 'meter' as const, measuredA: [90, 80, 70] as const, limitA: 98 }
  const tight = { ...circuit, headroomA: [-4.1, 3, 8] as const }
  t.equal(isOver(tight), false)
  t.equal(roomText(tight), 'none')
  t.equal(isOver({ ...tight, measuredA: [99, 80, 70] }), true)
  t.equal(isOver({ ...tight, measuredA: [99, 80, 70], measuredSource: 'estimate' }), false, 'no proof')
})

t.test('what is wrong is said by its code, with units, and one is not several', async t => {
  t.teardown(() => speak('en'))
  const of = (document: unknown) => {
    const parsed = parseDocument(siteConfigSchema, document)
    const faults = parsed.ok ? [] : parsed.faults
    return (path: string) => {
      const fault = faults.find(one => one.path === path)
      const said = fault && { ...fault, found: 'other words', expected: 'other words' }
      return said === undefined ? path : `${foundText(said)} / ${expectedText(said)}`
    }
  }
  const document = {
    version: 1,
    site: { id: 7, timeZone: 'Mars', nominalVoltageV: 90.5 },
    circuits: [],
    offline: { acceptedWithinDays: 0, csmsTimeoutMs: 1 },
    surprise: 1,
  }
  speak('de')
  const german = of(document)
  t.equal(german('site.id'), '7 / ein Text')
  t.equal(german('site.timeZone'), '"Mars" / eine IANA-Zeitzone wie „Europe/Berlin“')
  t.equal(german('site.nominalVoltageV'), '90,5 V / mindestens 100 V')
  t.equal(german('circuits'), '0 Einträge / mindestens 1 Eintrag')
  t.equal(german('stations'), 'nichts / eine Liste')
  t.equal(german('offline.acceptedWithinDays'), '0 Tage / mindestens 1 Tag')
  t.equal(german('offline.csmsTimeoutMs'), '1 ms / mindestens 1000 ms')
  t.match(german('surprise'), /^unbekannter Schlüssel "surprise" \/ einer von version, site, circuits,/)
  t.equal(say('note-refuses', { count: 1 }).text, 'it has refused 1 profile.')
  t.equal(say('note-refuses', { count: 2 }).text, 'it has refused 2 profiles in a row.')
  t.equal(codedText(NOTES, say('note-refuses', { count: 1 })), 'er hat 1 Ladeprofil abgelehnt.')
  speak('pt')
  t.equal(of(document)('offline.acceptedWithinDays'), '0 dias / pelo menos 1 dia')
  speak('en')
  const newer = { ...told('json', { found: 'x' }), expected: 'as it came' }
  t.equal(expectedText(newer), 'as it came')
})

t.test('why something is refused, and what came of it, is said by code in each language', async t => {
  t.teardown(() => speak('en'))
  const role = refusal('not-allowed', { role: say('role-viewer'), needed: say('role-admin') })
  const full = refusal('not-possible', {
    ...{ energy: '40.5 kWh', until: '06:30' },
    ...{ possible: '30.5 kWh', short: '10 kWh' },
  })
  const all = (one: typeof role) => [errorText(one), foundText(one), expectedText(one)].join(' / ')
  const restarts = (sessions: number, links: number) =>
    answerText({ ...say('restarts', { inS: 1, sessions, links }), text: 'other words' })
  speak('de')
  t.equal(all(role), 'nicht erlaubt / Rolle Betrachter / Rolle Administrator')
  t.equal(all(full), 'nicht möglich / 40,5 kWh bis 06:30 / höchstens 30,5 kWh bis dahin; 10 kWh fehlen')
  t.match(restarts(1, 1), /1 Ladevorgang bleibt an seiner Ladestation, 1 Verbindung ist /)
  t.match(restarts(2, 3), /2 Ladevorgänge bleiben an ihren Ladestationen, 3 Verbindungen sind /)
  speak('pt')
  t.match(restarts(1, 1), /1 carregamento fica no seu posto, 1 ligação cai /)
  t.equal(all(refusal('no-station', { found: 'CP-9' })).split(' / ')[1], 'CP-9')
})

t.test('a text of the core is said by its code and what it holds, whatever its English is', async t => {
  t.teardown(() => speak('en'))
  const facts = say('stood-still', { step: '10.5 / 0 / 0 A', current: '4 A' })
  const verdict = { ...say('repeats-one-value', { facts }), text: 'other words' }
  const alarm = {
    ...say('meter-not-believed', { meter: '10.0.0.5', verdict, exchanged: '' }),
    text: 'other words',
  }
  speak('de')
  t.equal(
    saidText(alarm),
    'Zähler 10.0.0.5 wird nicht geglaubt, der ungünstigste Fall der übrigen Last gilt: seine Ladestationen änderten sich um 10,5 / 0 / 0 A, und er blieb bei 4 A stehen: er wiederholt einen Wert; den Zähler oder sein Gateway neu starten.',
  )
  t.equal(
    saidText(say('power-factor-wrong', { power: '1 W', phase: 'L1', factor: 0.85, expected: '2 W' })).match(
      /0[.,]\d+/,
    )?.[0],
    '0,85',
  )
  speak('pt')
  t.equal(
    saidText(
      say('reason-of-stations', {
        reason: say('tls-expired', { server: 'CSMS' }),
        stations: say('stations', { count: 3 }),
      }),
    ),
    'CSMS: o certificado expirou: quem o gere tem de o renovar; 3 postos',
  )
  const ofAnother = JSON.parse('{"text":"as it came","phrase":"of-another-busbar","params":{}}')
  t.equal(saidText(ofAnother), 'as it came')
  t.equal(saidText({ ...ofAnother, phrase: 'toString' }), 'as it came')
})

t.test(
  'what an electrician types while putting a site into service is taken, or named as missing',
  async t => {
    for (const [typed, amps] of [
      ['63', 63],
      ['63A', 63],
      [' 63 a ', 63],
      ['62,5 A', 62.5],
      ['', undefined],
      ['A', undefined],
      ['63 VA', undefined],
      ['1e9', undefined],
    ] as const)
      t.equal(ampsFrom(typed), amps, typed)
    const draft = startingDraft('Europe/Berlin')
    for (const siteId of ['', 'Depot Nord', '-x', 'ü'])
      t.same(missingOf('site', { ...draft, siteId }), [{ word: 'siteName' }], siteId)
    t.same(missingOf('site', { ...draft, siteId: 'depot-nord' }), [])
    const circuit = 'main'
    t.same(missingOf('circuits', draft), [
      { word: 'fuse', circuit },
      { word: 'otherLoad', circuit },
    ])
    for (const csmsUrl of ['', 'csms.example.com', 'http://csms', 'ws://', 'wss:///ocpp'])
      t.same(missingOf('csms', { ...draft, csmsUrl }), [{ word: 'csmsAddress' }], csmsUrl)
    t.ok(isCsmsUrl('wss://csms.example.com/ocpp'))
    t.same(missingOf('csms', { ...draft, noCsms: true }), [])
  },
)

t.test(
  'why a meter cannot be read is said in the language of the page where it is the connection',
  async t => {
    speak('de')
    t.teardown(() => speak('en'))
    const why = (fault: string) => {
      const said = sayFault(fault)
      return typeof said === 'object' ? saidText(said) : said
    }
    t.equal(why('timeout'), 'keine Antwort')
    t.equal(why('connection lost'), 'Verbindung abgerissen')
    t.equal(why('connect ECONNREFUSED 10.0.0.5:502'), 'Verbindung abgelehnt')
    t.equal(why('connect EHOSTUNREACH 10.0.0.5:502'), 'kein Weg zu dieser Adresse')
    t.equal(why('exception 2'), 'exception 2', 'as the meter says it')
    t.equal(sayReason('closed', '').text, 'connection closed', 'nothing is said twice')
  },
)

t.test('numbers are written for people', async t => {
  t.same([0, 0.04, 9.64, 99.94, 99.96, -3.2].map(amps), ['0', '0', '9.6', '99.9', '100', '-3.2'])
  t.same([400, 42_000, 240_000, 7_200_000, 400_000_000].map(duration), [
    '0.4 s',
    '42 s',
    '4 min',
    '2 h',
    '5 d',
  ])
})

t.test('numbers and times of day are written as Intl writes them, without waiting for it', async t => {
  t.teardown(() => speak('en'))
  const given = [0, 1, 6, 0.05, 0.15, 0.25, 1.005, 2.675, 9.95, 12.5, 99.949, 1e-7, 4e-6, 123_456.789, 1e15]
  const values = [...given, ...given.map(value => -value), 1e21, -1e300, 1 / 3, 2 / 3]
  const moments = [0, 59_999, 43_199_999, 1_790_000_000_123].map(ms => new Date(ms))
  for (const { id, locale } of LANGUAGES) {
    speak(id)
    for (const [fewest, most] of [
      [0, 1],
      [0, 0],
      [0, 3],
      [1, 1],
      [2, 2],
    ] as const) {
      const intl = new Intl.NumberFormat(locale, {
        ...{ minimumFractionDigits: fewest, maximumFractionDigits: most },
        ...{ useGrouping: false, signDisplay: 'negative' },
      })
      const ours = values.map(value => (fewest === most ? decimals(value, most) : number(value, most)))
      t.same(
        ours,
        values.map(value => intl.format(value)),
        `${id}, ${fewest} to ${most} decimals`,
      )
    }
    const time = new Intl.DateTimeFormat(locale, {
      ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
    })
    t.same(
      moments.map(at => when(at, 'time')),
      moments.map(at => time.format(at)),
      id,
    )
  }
})

t.test('a form', async t => {
  const schema = z.toJSONSchema(siteConfigSchema, { io: 'input' })
  const part = (name: string) => valueAt(schema, ['properties', name])
  const station = valueAt(part('stations'), ['items'])
  const connector = valueAt(station, ['properties', 'connectors', 'items'])

  t.test(
    'has a field for every key of the schema but what a data sheet says, which is written as text',
    async t => {
      const other: string[] = []
      const walk = (node: unknown, path: string): void => {
        const field = fieldOf(node)
        if (field.kind === 'other') other.push(path)
        if (field.kind === 'switch') walk(field.of, path)
        if (field.kind === 'members') walk(field.of, `${path}[]`)
        if (field.kind === 'variants') for (const one of field.variants.values()) walk(one, path)
        if (field.kind === 'group')
          for (const [key, inner] of Object.entries(valueAt(node, ['properties']) ?? {}))
            walk(inner, `${path}.${key}`)
      }
      walk(schema, '')
      const written = other.filter(
        path => !/^\.(meterModels\[\]\.\w+|meters\[\]\.connection\.fixedA)$/.test(path),
      )
      t.same(written, [])
      t.match(fieldOf(valueAt(station, ['properties', 'circuit'])), { kind: 'reference', to: 'circuits' })
      t.match(fieldOf(valueAt(part('meters'), ['items', 'properties', 'connection'])), { key: 'kind' })
    },
  )

  t.test('takes what was typed for a number only where it is one', async t => {
    const typed = ['63', ' 6,5 ', '-1', '', '  ', '6.', '1e308', '0x10', '8o', '1.2.3', '12345678901234567']
    t.same(typed.map(numberFrom), [63, 6.5, -1, undefined, undefined, ...typed.slice(5)])
  })

  t.test('changes one place and leaves the rest, the order too', async t => {
    const before = { a: 1, list: [{ id: 'x' }, { id: 'y' }], b: 2 }
    const after = withValue(before, ['list', 1, 'id'], 'z')
    t.equal(JSON.stringify(after), '{"a":1,"list":[{"id":"x"},{"id":"z"}],"b":2}')
    t.same(withValue(before, ['list', 0], undefined), { ...before, list: [{ id: 'y' }] })
    t.same(withValue(before, ['new', 'deep'], 1), { ...before, new: { deep: 1 } })
    t.same(withValue(before, ['a'], undefined), { list: before.list, b: 2 })
    t.equal(Object.getPrototypeOf(withValue({}, ['__proto__', 'x'], 1)), Object.prototype)
    t.equal(Reflect.get({}, 'x'), undefined)
    t.equal(pathText(['stations', 2, 'connectors', 0, 'id']), 'stations[2].connectors[0].id')
  })

  t.test('adds a member without a number of its own, and copies no wiring', async t => {
    t.same(blank(connector), {})
    t.same(blank(part('csms')), {})
    const first = { id: 1, phases: 'L1', phaseRotation: 'RST', maxCurrentA: 16 }
    t.same(anotherMember(connector, [first]), { id: 2, phases: 'L1', maxCurrentA: 16 })
    const id = (ids: readonly string[]) =>
      valueAt(
        anotherMember(
          station,
          ids.map(id => ({ id })),
        ),
        ['id'],
      )
    t.same(
      [id(['CP-09']), id(['CP-9', 'CP-10', 'CP-9']), id(['a']), id([])],
      ['CP-10', 'CP-11', 'a1', 'new1'],
    )
  })

  t.test('lets whoever names a circuit follow its new name', async t => {
    const document = {
      circuits: [
        { id: 'main', meter: 'main' },
        { id: 'b', parent: 'main' },
      ],
      meters: [{ id: 'main' }],
      stations: [{ id: 'main', circuit: 'main' }],
    }
    t.same(renamed(document, schema, 'circuits', ['main', 'grid']), {
      circuits: [
        { id: 'main', meter: 'main' },
        { id: 'b', parent: 'grid' },
      ],
      meters: [{ id: 'main' }],
      stations: [{ id: 'main', circuit: 'grid' }],
    })
  })
})

t.test('what to do about a link that is down is said by its cause, however deep that stands', t => {
  speak('en')
  const alarm = (reason: ReturnType<typeof say>) =>
    say('csms-not-reached', {
      host: 'csms.example',
      why: say('because', { why: say('reason-at-stations', { reason, stations: 'CP-1' }) }),
      kept: say('one-message-kept'),
    })
  t.match(adviceOf(alarm(say('link-unauthorized'))), /which password it knows/)
  t.match(adviceOf(alarm(say('name-unknown'))), /name server/)
  t.match(adviceOf(alarm(say('tls-expired', { server: 'CSMS' }))), /certificates in the account/)
  t.match(adviceOf(say('broker-not-reached-because', { host: 'b', why: say('connection-refused') })), /port/)
  t.equal(adviceOf(say('broker-not-reached', { host: 'b' })), undefined)
  const meter = { meter: 'grid', why: say('connection-refused'), remedy: '' }
  t.equal(adviceOf(say('meter-gives-nothing', meter)), undefined, 'a meter says it itself')
  t.equal(adviceOf({ text: 'of another Busbar' }), undefined)
  for (const code of ADVISED) t.ok(Object.hasOwn(LINK_WORDS, code), code)
  speak('de')
  t.match(adviceOf(alarm(say('link-not-found'))), /Stations-ID/)
  speak('en')
  t.end()
})

t.test('the document itself is completed where the cursor stands', t => {
  const schema = z.toJSONSchema(siteConfigSchema, { io: 'input', unrepresentable: 'any' })
  const known = (list: string) => (list === 'circuits' ? ['main', 'feeder-1'] : [])
  /** The cursor is at the bar. */
  const names = (text: string) => {
    const offset = text.indexOf('|')
    return completionsAt(schema, text.replace('|', ''), offset, known).map(({ name }) => name)
  }
  const put = (text: string, name: string) => {
    const offset = text.indexOf('|')
    const whole = text.replace('|', '')
    const found = completionsAt(schema, whole, offset, known).find(one => one.name === name)
    return found && whole.slice(0, found.from) + found.insert + whole.slice(found.to)
  }
  t.ok(names('{|').includes('circuits'), 'a key of the whole')
  t.notOk(names('{ "site": {}, |').includes('site'), 'no key that is there already')
  const behind = '{ "site": { | "id": "a", "timeZone": "UTC" }, "ocpp": { "port": 1 } }'
  t.notOk(names(behind).includes('id'), 'nor one that follows')
  t.ok(names(behind).includes('profile'), 'but one that is nowhere yet')
  t.ok(names('{ | "site": { "ocpp": {} }, "circuits": [{ "meters": 1 }] }').includes('meters'))
  t.ok(names('{ | "a": "\\"meters\\": 1", "b": "meters" }').includes('meters'), 'what a text says is no key')
  t.notOk(names('{ "circuits": [{ "rat|", "ratedCurrentA": 63 }] }').includes('ratedCurrentA'))
  t.ok(names('{ "circuits": [{ | }, { "ratedCurrentA": 63 }] }').includes('ratedCurrentA'), 'of another one')
  t.same(names('{ "circuits": [{ "rat|'), ['ratedCurrentA'], 'what begins so')
  t.equal(put('{ "circuits": [{ "rat|" }] }', 'ratedCurrentA'), '{ "circuits": [{ "ratedCurrentA":  }] }')
  t.equal(
    put('{ "circuits": [{ "rat|": 63 }] }', 'ratedCurrentA'),
    '{ "circuits": [{ "ratedCurrentA": 63 }] }',
  )
  t.ok(names('{ "meters": [{ "connection": { |').includes('kind'), 'a key of a kind')
  t.ok(names('{ "meters": [{ "connection": { "kind": |').includes('tcp'), 'the kinds')
  t.same(names('{ "stations": [{ "circuit": |').toSorted(), ['feeder-1', 'main'], 'ids of the document')
  t.ok(
    names('{ "stations": [{ "connectors": [{ "phaseRotation": "S|" }]').includes('STR'),
    'values within quotes',
  )
  for (const nothing of [
    '{ "version": 1 |',
    '|',
    '{} |',
    '{ "site": { "id": "a\\"|',
    '[[[[|',
    '}}|',
    '"|',
    '{,,:|',
  ])
    t.ok(Array.isArray(names(nothing)), `no fault of ours at ${nothing}`)
  t.same(names('{ "version": 1 |'), [], 'nothing behind a whole value')
  t.same(names('{ |"site": {} }'), [], 'nor right before one that is there')
  const nested = '{"circuits":[['.repeat(4_000)
  t.same(names(`${nested}|`), [], '64 KiB of nesting')
  t.ok(names(`{|${nested}`).includes('ocpp'), 'behind it too')
  t.ok(Array.isArray(names(`{ | "${'\\'.repeat(60_000)}`)), 'a text that never ends')
  t.end()
})

t.test('other load is told as decisions reckon with it, also once a doubted meter is read again', t => {
  const main = depot(12).circuits.find(({ id }) => id === 'main')!
  const measured = { ...main, otherLoadSource: 'measured' as const, otherLoadA: [20, 22, 18] as const }
  t.same(reckonedOther({ ...measured, reserveA: [3, 0, 0] }), { mostA: 22, isWorstCase: false, reserveA: 3 })
  t.equal(otherLoadText(measured), 'measured')
  const doubted = {
    ...measured,
    ...{ reserveA: [40, 30, 42] as const, otherLoadDoubt: 'not proven' as const },
    otherLoadWhy: 'meter main is not proven yet',
  }
  t.same(reckonedOther(doubted), { mostA: 60, isWorstCase: true, reserveA: 0, measuredA: 22 })
  t.equal(otherLoadText(doubted), 'worst case: meter main is not proven yet')
  const absent = { ...doubted, otherLoadSource: 'worst case' as const, otherLoadA: [60, 60, 60] as const }
  t.same(reckonedOther({ ...absent, reserveA: [0, 0, 0] }), { mostA: 60, isWorstCase: true, reserveA: 0 })
  t.end()
})

t.test('the unit of a number is the same in its fault and in its label', async t => {
  const schema: unknown = z.toJSONSchema(siteConfigSchema, { io: 'input' })
  let units = 0
  const walk = (node: unknown, key: string): void => {
    if (typeof node !== 'object' || node === null) return
    const unit: unknown = Reflect.get(node, 'unit')
    const type: unknown = Reflect.get(node, 'type')
    if (typeof unit === 'string' && (type === 'number' || type === 'integer')) {
      units++
      t.equal(unitOf(key), unit, key)
    }
    for (const [name, inner] of Object.entries(node))
      walk(inner, /^(\d+|items|prefixItems|anyOf|oneOf)$/.test(name) ? key : name)
  }
  walk(schema, '')
  t.ok(units > 20, `${units} units`)
})

t.test(
  'a site that cannot be shown is not taken for one that was never set up, and is drawn as nothing',
  t => {
    const alarm = {
      code: 'view-failed',
      params: {},
      text: 'What is shown is not as it is now.',
      since: '',
    } as const
    const site = nothingToShow('yard', 0, [alarm])
    t.ok(isSetUp(site))
    t.notOk(isSetUp({ ...site, alarms: [] }))
    t.same(layOut(site, 600).circuits, [])
    t.end()
  },
)
