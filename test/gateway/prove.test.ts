/** Which documents Busbar may run with, and in which words the others are refused. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { proveDocument } from '../../src/gateway/prove.js'
import { faultLines, proofLines } from '../../src/gateway/report.js'
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
