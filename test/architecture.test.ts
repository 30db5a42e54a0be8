/**
 * The rules of the house that a compiler does not check: who may import whom, no cycles, no clocks or randomness in
 * the core, no escapes from the type system, no giant files. Reads the sources as text.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import t from 'tap'
import { SINGLE_FAULTS } from '../src/core/site/single-faults.js'
import { ENGLISH } from '../src/core/words/english.js'
import { looseTexts, placeholders, plainMessages, spokenTexts, tableTexts } from './page-words.js'
import { schemaTexts } from './schema-texts.js'

const root = process.cwd()
const sources = listFiles(join(root, 'src')).filter(path => path.endsWith('.ts'))
const text = new Map(sources.map(path => [path, readFileSync(path, 'utf8')]))
const EDGES = ['ocpp', 'modbus', 'mqtt', 'vdv463', 'web', 'store']
/** Composition of several edges is the gateway's business alone. */
const STANDS_ABOVE_EDGES = ['gateway.ts', 'main.ts', 'sim']
/** Lowest first; rooms on one floor do not know one another. A loose file is a room of its own. */
const ROOMS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  core: [
    ['answer', 'fields'],
    ['words'],
    ['security'],
    ['config', 'policy'],
    ['site'],
    ['events', 'allocation'],
    ['station', 'measuring', 'schedule', 'limits'],
    ['offline'],
    ['control'],
    ['view'],
  ],
  ocpp: [
    ['wire', 'edge'],
    ['station', 'csms'],
    ['session-parts'],
    ['transactions', 'mirrors'],
    ['journeys', 'repairs'],
    ['station-session'],
    ['open-session', 'kept-stations'],
    ['stations'],
  ],
}
/** Tables of the page by the codes of the core. */
const CODED = [
  'journal',
  'phrases',
  'links',
  'verdicts',
  'audit',
  'station-notes',
  'faults',
  'refused',
  'answered',
] as const
const ADAPTER_ONLY =
  /^(ws|mqtt|modbus-serial|classic-level|lowdb|lowdb\/node|node-cron|@hono\/node-server|aedes|pino|node:.*)$/

t.test('core imports only core, and zod only in core/config', async t => {
  for (const [from, to] of imports()) {
    if (area(from) !== 'core') continue
    const where = `${short(from)} imports ${to.startsWith('/') ? short(to) : to}`
    if (to.startsWith('/')) t.equal(area(to), 'core', where)
    else t.ok(to === 'zod' && short(from).startsWith('src/core/config/'), where)
  }
})

t.test('edges import neither one another nor what stands above them', async t => {
  for (const [from, to] of imports()) {
    if (!EDGES.includes(area(from)) || !to.startsWith('/')) continue
    const allowed =
      area(to) === area(from) ||
      area(to) === 'core' ||
      area(to) === 'ports.ts' ||
      (area(from) === 'ocpp' && area(to) === 'store')
    t.ok(allowed && !STANDS_ABOVE_EDGES.includes(area(to)), `${short(from)} imports ${short(to)}`)
  }
})

t.test('rooms import downward only', async t => {
  for (const [from, to] of imports()) {
    const [house, room] = roomOf(from)
    const [otherHouse, otherRoom] = roomOf(to)
    const order = ROOMS[house]
    if (order === undefined || house !== otherHouse || room === otherRoom) continue
    const floor = order.findIndex(rooms => rooms.includes(room))
    const otherFloor = order.findIndex(rooms => rooms.includes(otherRoom))
    t.ok(floor >= 0 && otherFloor >= 0, `${room} and ${otherRoom} have a place in the order`)
    t.ok(otherFloor < floor, `${short(from)} imports ${short(to)}`)
  }
})

t.test('only adapters touch sockets, disks and processes', async t => {
  const processFiles = [
    'src/main.ts',
    'src/arguments.ts',
    'src/beside-commands.ts',
    'src/check-command.ts',
    'src/meters-command.ts',
    'src/sim/demo.ts',
    'src/sim/soak.ts',
  ]
  for (const [from, to] of imports()) {
    if (to.startsWith('/') || !ADAPTER_ONLY.test(to)) continue
    t.ok(area(from) === 'adapters' || processFiles.includes(short(from)), `${short(from)} imports ${to}`)
  }
})

t.test('there is no import cycle', async t => {
  const next = new Map<string, string[]>()
  for (const [from, to] of imports()) if (to.startsWith('/')) next.set(from, [...(next.get(from) ?? []), to])
  const done = new Set<string>()
  const walk = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path))
      t.fail(`cycle: ${[...trail.slice(trail.indexOf(path)), path].map(short).join(' > ')}`)
    if (done.has(path) || trail.includes(path)) return
    for (const to of next.get(path) ?? []) walk(to, [...trail, path])
    done.add(path)
  }
  for (const path of sources) walk(path, [])
  t.equal(done.size, sources.length, 'every file was visited')
})

t.test('the core has no clock, no timer, no randomness, no process', async t => {
  const banned =
    /Date\.now|new Date\(\)|performance\.now|set(Timeout|Interval|Immediate)\(|Math\.random|randomUUID|process\.|console\./
  for (const [path, source] of text) if (area(path) === 'core') t.notMatch(source, banned, short(path))
})

t.test('nobody escapes the type system or swallows an error', async t => {
  const escapes = /\bas any\b|: any\b|@ts-(ignore|nocheck)|as unknown as|catch( \(\w+\))? \{ *\}/
  for (const [path, source] of text) t.notMatch(source, escapes, short(path))
})

t.test('no file is a giant and none is named for nothing', async t => {
  for (const [path, source] of text) {
    t.ok(source.split('\n').length <= 400, `${short(path)} has at most 400 lines`)
    t.notMatch(path, /(utils?|helpers?|common|manager|\/types)\.ts$/, short(path))
  }
})

t.test(
  'every test that docs/security.md names exists, and every row names one or says what is missing',
  async t => {
    const rows = readFileSync(join(root, 'docs/security.md'), 'utf8')
      .split('\n')
      .filter(line => /^\| (?!\||-)/.test(line))
    t.ok(rows.length > 80)
    for (const row of rows) {
      const [id = '', , shown = ''] = row.split(' | ').map(cell => cell.replace(/^\| | \|$/g, ''))
      const named = [...row.matchAll(/`(test\/[^`]+)` "([^"]+)"/g)]
      t.ok(named.length > 0 || /^Not (covered|ours): /.test(shown), `${id} ${shown}`)
      for (const [, path = '', title = ''] of named)
        t.ok(readFileSync(join(root, path), 'utf8').includes(`'${title}'`), `${path}: ${title}`)
    }
  },
)

/** Rows of the threat model that nothing ships without (docs/security.md); UP1 is about an updater, and there is none. */
const BLOCKERS =
  'ST1 ST2 ST3 ST4 ST5 ST7 ST8 ST9 ST10 ST11 ST12 ST13 ST14 ST16 CS1 CS3 CS4 CS5 CS6 CS9 UI1 UI2 UI3 UI4 UI5 UI6 UI8 UI9 UI10 UI11 UI12 MQ1 MQ2 MQ3 MQ5 MB1 MB2 MB3 US1 CF1 CF2 CF3 BK1 UP3 PR1 PR2 SC1'

t.test('each threat that nothing ships without is named in the title of a test', async t => {
  const titles = listFiles(join(root, 'test')).flatMap(path =>
    [...readFileSync(path, 'utf8').matchAll(/\(((?:[A-Z]{2}\d+)(?:, [A-Z0-9]+)*)\)['`"]/g)].map(
      ([, ids = '']) => ids,
    ),
  )
  const named = new Set(titles.flatMap(ids => ids.split(', ')))
  t.same(
    BLOCKERS.split(' ').filter(id => !named.has(id)),
    [],
  )
})

t.test(
  'what is installed is locked, runs no script of its own and is not more than is argued for (SC1)',
  async t => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    t.ok(Object.keys(manifest.dependencies).length <= 18)
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }))
      t.match(version, /^\d+\.\d+\.\d+$/, name)
    t.match(readFileSync(join(root, '.npmrc'), 'utf8'), /^ignore-scripts=true$/m)
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
    for (const [path, entry] of Object.entries<{ integrity?: string; link?: boolean }>(packages))
      if (path !== '') t.match(entry.integrity, /^sha512-/, path)
  },
)

t.test('every text of the page is there in three languages with the same placeholders', async t => {
  const spoken = ['config-labels'].map(name => spokenTexts(name))
  const coded = CODED.map(name => spokenTexts(name, ENGLISH))
  const all = [...tableTexts(), ...[...spoken, ...coded].flatMap(table => [...table.values()])]
  t.ok(all.length > 300, `${all.length} texts were read`)
  for (const { where, texts } of all) {
    const english = texts.get('en') ?? ''
    for (const language of ['en', 'de', 'pt']) {
      const text = texts.get(language) ?? ''
      if (text === '' || placeholders(text).join() !== placeholders(english).join())
        t.fail(`${where}: "${text}" in ${language} beside "${english}"`)
    }
  }
})

t.test('no text that people read stands in a component of the page itself', async t => {
  t.strictSame(looseTexts(), [])
})

t.test(
  'every code of the core has its words in German and Portuguese, and no code stands in two tables',
  async t => {
    const translated = CODED.flatMap(name => [...spokenTexts(name, ENGLISH).keys()])
    t.strictSame([...translated].sort(), Object.keys(ENGLISH).sort())
  },
)

t.test('a rule of a schema says the code of its words, no text', async t => {
  t.strictSame(plainMessages(), [])
})

t.test(
  'every key of the configuration has label, help and words for its values, in each language',
  async t => {
    const { texts, lacks } = schemaTexts()
    t.ok(texts.size > 300, `${texts.size} texts were read`)
    t.strictSame(lacks, [])
    t.strictSame([...spokenTexts('config-labels').keys()].sort(), [...texts].sort())
  },
)

t.test('every kind of single fault has its words', async t => {
  t.strictSame([...spokenTexts('single-faults').keys()].sort(), Object.keys(SINGLE_FAULTS).sort())
})

/** Pairs of importing file and imported file (absolute) or package name; type-only imports of relative files included. */
function imports(): [string, string][] {
  const found: [string, string][] = []
  for (const [path, source] of text) {
    for (const match of source.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
      const to = match[1] ?? ''
      if (!to.startsWith('.')) found.push([path, to])
      else if (to.endsWith('.js'))
        found.push([path, normalize(join(dirname(path), to)).replace(/\.js$/, '.ts')])
    }
  }
  return found
}

/** First folder or file under src. */
function area(path: string): string {
  return relative(join(root, 'src'), path).split('/')[0] ?? ''
}

/** Area and the folder or loose file in it. */
function roomOf(path: string): [house: string, room: string] {
  const [house = '', room = ''] = relative(join(root, 'src'), path).split('/')
  return [house, room.replace(/\.ts$/, '')]
}

function short(path: string): string {
  return relative(root, path)
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry =>
    entry.isDirectory() ? listFiles(join(folder, entry.name)) : [join(folder, entry.name)],
  )
}
