/** Which documents Busbar may run with, and in which words the others are refused. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { proveDocument } from '../../src/gateway/prove.js'
import { faultLines, profileLines, proofLines } from '../../src/gateway/report.js'
import { GOOD } from '../process/fixtures/site.js'
import { catalogue } from '../scenarios/fixtures/yard.js'

function refusal(document: unknown): string {
  const proven = proveDocument(document, catalogue)
  if (proven.ok) return ''
  const proof =
    proven.config === undefined || proven.proof === undefined ? [] : proofLines(proven.config, proven.proof)
  return [...proof, ...faultLines(proven.faults)].join('\n')
}

t.test('the configuration that the README shows is sound and has every block', async t => {
  const [, text] = /```json\n(\{ "version": 1,[\s\S]*?)```/.exec(readFileSync('README.md', 'utf8')) ?? []
  const document: unknown = JSON.parse(text ?? 'null')
  t.equal(refusal(document), '')
  for (const block of ['site', 'circuits', 'meters', 'ocpp', 'csms', 'stations', 'offline', 'mqtt', 'web'])
    t.match(document, { [block]: {} }, block)
})

t.test('every site profile stands in the README and is told by check', async t => {
  const readme = readFileSync('README.md', 'utf8')
  t.equal(catalogue.siteProfiles.size, 5)
  for (const [id, profile] of catalogue.siteProfiles) {
    t.match(readme, `| \`${id}\` |`, `${id} in the README`)
    t.match(
      profileLines(profile).join('\n'),
      /Run as .*: .*\n {2}sharing .* turns of \d+ min.*\n {2}raises by/,
    )
  }
})

t.test('more than 1,000 stations are refused with words', async t => {
  const stations = Array.from({ length: 1_001 }, (_, n) => ({ ...GOOD.stations[0], id: `CP-${n}` }))
  t.match(
    refusal({ ...GOOD, stations }),
    'stations: found 1001 entries, expected at most 1000 stations, which is what one Busbar is meant for',
  )
})

t.test('fail-safes that do not fit are refused', async t => {
  const text = refusal({ ...GOOD, circuits: [{ id: 'main', ratedCurrentA: 100, worstCaseOtherLoadA: 95 }] })
  t.match(text, 'BROKEN main')
  t.match(
    text,
    'circuits[0]: found fail-safes 6 A + worst other load 95 A = 101 A on "main", expected at most 98 A',
  )
})

t.test('every site profile loads, runs the demonstration site and stands in the README', async t => {
  const readme = readFileSync('README.md', 'utf8')
  const wanted = [
    'bus-depot-night',
    'fail-safe-only',
    'fleet-by-departure',
    'residential-garage',
    'workplace',
  ]
  t.same([...catalogue.siteProfiles.keys()].sort(), wanted)
  for (const [id, profile] of catalogue.siteProfiles) {
    t.equal(refusal({ ...GOOD, site: { ...GOOD.site, profile: id } }), '', id)
    t.match(readme, `| \`${id}\` |`, `${id} is explained`)
    t.ok(profile.minOnMs >= 900_000 && profile.quantumMs >= 900_000, 'at most four switches per car and hour')
  }
})

t.test('limits of the configuration name what is there', async t => {
  const window = { id: 'peak', from: '17:00', to: '20:00', limitA: 50 }
  const source = { id: 'grid', door: 'mqtt' }
  t.equal(
    refusal({ ...GOOD, limits: { windows: [window], sources: [source, { ...source, door: 'api' }] } }),
    '',
  )
  for (const [limits, expected] of [
    [{ windows: [{ ...window, circuit: 'nowhere' }] }, 'limits.windows[0].circuit: found "nowhere"'],
    [{ windows: [window, window] }, 'limits.windows[1].id: found "peak", already at limits.windows[0]'],
    [{ windows: [{ ...window, to: '17:00' }] }, 'limits.windows[0].to: found "17:00"'],
    [{ windows: [{ ...window, from: '24:00' }] }, 'limits.windows[0].from'],
    [{ windows: [{ ...window, days: [] }] }, 'limits.windows[0].days'],
    [{ sources: [source, source] }, 'limits.sources[1].id'],
  ] as const)
    t.match(refusal({ ...GOOD, limits }), expected)
  const roots = [...GOOD.circuits, { id: 'second', ratedCurrentA: 63, worstCaseOtherLoadA: 0 }]
  t.match(
    refusal({ ...GOOD, circuits: roots, limits: { windows: [window] } }),
    'as the site has 2 grid connections',
  )
})

t.test(
  'control rule 18: fail-safes are held against what a source has promised never to go below',
  async t => {
    const guarantees = (guaranteedMinimumA: number) => {
      const document = { ...GOOD, limits: { sources: [{ id: 'grid', door: 'mqtt', guaranteedMinimumA }] } }
      const proven = proveDocument(document, catalogue)
      return proven.ok
        ? proofLines(proven.config, proven.proof).filter(line => line.includes('promised by'))
        : []
    }
    t.match(guarantees(6), ['held on loss of Busbar: fail-safes 6 A on main, 6 A promised by grid'])
    t.match(guarantees(5), ['NOT HELD on loss of Busbar'])
  },
)
