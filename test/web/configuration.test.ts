/** The configuration over the API, through the page's own fetch: read, judged, taken, put back, never half. */
import t from 'tap'
import { readDataFiles } from '../../src/adapters/data-files.js'
import { difference } from '../../src/core/config/difference.js'
import { type Fault, fault } from '../../src/core/config/faults.js'
import { readJson } from '../../src/core/config/json-text.js'
import type { SiteConfig } from '../../src/core/config/site.js'
import { buildCatalogue } from '../../src/gateway/catalogue.js'
import { ConfigurationDesk } from '../../src/gateway/configuration-desk.js'
import { runUntilEnded } from '../../src/gateway/restarts.js'
import type { Clock, Files, Ports } from '../../src/ports.js'
import { createWorld } from '../../src/sim/ports/world.js'
import { createWeb } from '../../src/web/web.js'
import { GOOD } from '../process/fixtures/site.js'
import { depotReader } from './fixtures/depot.js'

const built = buildCatalogue(readDataFiles(process.cwd()))
if (!built.ok) throw new Error('the catalogue has faults')
const catalogue = built.value
const ORIGIN = 'http://127.0.0.1:8080'
const MAIN = GOOD.circuits[0]!
const CP_1 = GOOD.stations[0]!
const rated = (ratedCurrentA: number) => ({ ...GOOD, circuits: [{ ...MAIN, ratedCurrentA }] })

interface Logged {
  readonly event: string
  readonly fields: unknown
}

/** A cabinet whose files are in memory; none is set-up mode. */
function cabinet(file: string | null = JSON.stringify(GOOD)) {
  const texts = new Map<string, string>(file === null ? [] : [['config', file]])
  const timers: (() => void)[] = []
  const logged: Logged[] = []
  const fault: { onSave?: string } = {}
  const files: Files = {
    load: async name => (texts.has(name) ? JSON.parse(texts.get(name) ?? '') : undefined),
    text: async name => texts.get(name),
    save: async (name, document) => {
      if (fault.onSave === name) throw new Error('ENOSPC: no space left on device')
      texts.set(name, JSON.stringify(document, undefined, 2))
    },
  }
  const clock: Clock = {
    wallMs: () => 1_790_000_000_000,
    monoMs: () => 0,
    after: (_delayMs, run) => {
      timers.push(run)
      return { cancel: () => undefined }
    },
    every: () => ({ cancel: () => undefined }),
    eachMinute: () => ({ cancel: () => undefined }),
  }
  const log: Ports['log'] = { write: (_level, event, fields) => void logged.push({ event, fields }) }
  const newDesk = () => new ConfigurationDesk({ ports: { clock, files, log }, catalogue, missing: () => [] })
  const desk = newDesk()
  const secrets: Ports['secrets'] = {
    token: () => 'token',
    hash: async () => 'hash',
    verify: async password => password === 'copper',
    equal: () => false,
    digest: text => text,
  }
  const switches = { csmsOff: false, meterOff: false, brokerOff: false }
  const web = createWeb({
    ports: { clock, secrets, assets: { load: async () => undefined }, log },
    site: depotReader({ stations: 12, startS: 0, switches }, () => 1_000),
    users: { find: async name => ({ name, passwordHash: 'hash' }) },
    configuration: desk,
  })
  const ask = async (method: string, path: string, body?: string, headers: Record<string, string> = {}) =>
    web(
      new Request(`${ORIGIN}/api/v1/config${path}`, {
        method,
        headers: {
          authorization: `Basic ${btoa('admin:copper')}`,
          origin: ORIGIN,
          'content-type': 'application/json',
          ...headers,
        },
        ...(body !== undefined && { body }),
      }),
      { remote: '10.0.0.5' },
    )
  const tag = async () => (await ask('GET', '')).headers.get('etag') ?? ''
  const put = async (document: unknown, ifMatch?: string) =>
    ask('PUT', '', typeof document === 'string' ? document : JSON.stringify(document), {
      'if-match': ifMatch ?? (await tag()),
    })
  /** As if Busbar had restarted. */
  const begin = async () => ({ due: desk.begun(await desk.load()) })
  return { ask, begin, clock, desk, fault, files, logged, newDesk, put, tag, texts, timers }
}

t.test('a change', async t => {
  t.test('is taken, tells what it does, and is due after a second', async t => {
    const { ask, begin, logged, put, tag, texts, timers } = cabinet()
    const { due } = await begin()
    const before = await tag()
    const answer = await put(rated(80))
    t.equal(answer.status, 200)
    t.match(await answer.json(), {
      applies: 'restart',
      inS: 1,
      text: /^Busbar restarts in 1 s\. \d+ sessions stay on their stations, 11 links drop for some seconds\./,
      restartFor: ['circuits'],
      changes: [{ path: 'circuits[main].ratedCurrentA', before: '100', after: '80' }],
    })
    t.equal(answer.headers.get('etag'), await tag())
    t.not(await tag(), before)
    t.same(JSON.parse(texts.get('config') ?? ''), rated(80))
    t.match(logged, [
      {
        event: 'configuration.changed',
        fields: { by: 'admin', number: 1, paths: 'circuits[main].ratedCurrentA' },
      },
    ])
    t.equal((await put(rated(81))).status, 409, 'not while another takes effect')
    timers[0]?.()
    await due
    await begin()
    t.match(await (await ask('GET', '/history')).json(), {
      changes: [
        {
          number: 1,
          by: 'admin',
          at: '2026-09-21T14:13:20.000Z',
          action: 'changed',
          changes: [{ path: 'circuits[main].ratedCurrentA' }],
        },
      ],
    })
  })

  t.test('is applied without a restart where what runs can take it on, and says what cannot', async t => {
    const { ask, begin, desk, put, tag, texts, timers } = cabinet()
    const applied: unknown[] = []
    const apply = async (next: SiteConfig): Promise<void> =>
      void applied.push(next.circuits[0]?.ratedCurrentA)
    desk.applies({ apply, faults: () => [] })
    await begin()
    const check = async (document: object) => (await ask('POST', '/check', JSON.stringify(document))).json()
    t.match(await check(rated(80)), { restartFor: [], changes: [{ before: '100', after: '80' }] })
    const timeZone = 'Europe/Lisbon'
    const elsewhere = { ...rated(80), site: { ...GOOD.site, timeZone }, ocpp: { port: 9001 } }
    t.match(await check(elsewhere), { restartFor: ['site', 'ocpp'] })
    const csms = { url: 'ws://10.0.0.9/ocpp' }
    t.match(await check({ ...GOOD, csms }), { restartFor: ['csms'] }, 'who judges tags is another then')
    const answer = await put(rated(80))
    t.match(await answer.json(), { applies: 'live', number: 1, restartFor: [] })
    t.equal(answer.headers.get('etag'), await tag())
    t.same(applied, [80])
    t.same(timers, [], 'nothing is to restart')
    t.same(JSON.parse(texts.get('config') ?? ''), rated(80))
    t.match(await (await put(rated(80))).json(), { applies: 'nothing' }, 'it runs')
    t.match(await check(rated(80)), { changes: [] })
    t.match(await (await put(elsewhere)).json(), { applies: 'restart', restartFor: ['site', 'ocpp'] })
    t.same(applied, [80], 'nothing of it before the restart')
  })

  t.test('that what runs cannot take on is refused with its faults, until it can', async t => {
    const { ask, begin, desk, put, texts } = cabinet()
    let found: readonly Fault[] = [
      fault('circuits[0]', 'own-meter', { meter: 'released CP-1', circuit: 'x' }),
    ]
    const applied: unknown[] = []
    desk.applies({ apply: async next => void applied.push(next), faults: () => found })
    await begin()
    const before = texts.get('config')
    const check = await (await ask('POST', '/check', JSON.stringify(rated(80)))).json()
    t.match(check, { faults: [{ path: 'circuits[0]', found: /released CP-1/, line: Number }] })
    const refused = await put(rated(80))
    t.equal(refused.status, 422)
    t.same([applied, texts.get('config')], [[], before], 'nothing changes')
    found = []
    t.match(await (await put(rated(80))).json(), { applies: 'live' })
  })

  t.test('that cannot be applied whole is made whole by a restart', async t => {
    const { begin, desk, put, timers, logged } = cabinet()
    const apply = async (): Promise<void> => {
      throw new Error('the store cannot be read')
    }
    desk.applies({ apply, faults: () => [] })
    await begin()
    t.match(await (await put(rated(80))).json(), { applies: 'restart' })
    t.equal(timers.length, 1)
    t.ok(logged.some(({ event }) => event === 'configuration.not-applied'))
  })

  t.test('that says nothing else is no change, whatever its layout', async t => {
    const { begin, put, texts } = cabinet()
    await begin()
    const before = texts.get('config')
    const answer = await put(`\ufeff${JSON.stringify(GOOD, undefined, 4)}`)
    t.match(await answer.json(), { applies: 'nothing' })
    t.equal(texts.get('config'), before)
    t.equal(texts.size, 1, 'no history either')
  })

  t.test('of two administrators at once only the first is taken', async t => {
    const { put, tag, texts } = cabinet()
    const both = await tag()
    const answers = await Promise.all([put(rated(80), both), put(rated(60), both)])
    t.same(answers.map(({ status }) => status).sort(), [200, 409])
    const { put: putNow, tag: tagNow, begin } = cabinet()
    const old = await tagNow()
    await putNow(rated(80))
    await begin()
    const late = await putNow(rated(60), old)
    t.equal(late.status, 412)
    t.equal(late.headers.get('etag'), await tagNow(), 'what holds now')
    t.ok(texts.has('config-history-01'))
  })

  t.test('wants If-Match, an admin, our origin and JSON', async t => {
    const { ask, texts } = cabinet()
    const body = JSON.stringify(rated(80))
    const before = texts.get('config')
    for (const [method, path] of [
      ['PUT', ''],
      ['POST', '/rollback'],
    ] as const) {
      t.equal((await ask(method, path, body)).status, 428)
      for (const header of ['*', 'W/"abc"', '"a", "b"', '""', 'abc'])
        t.equal(
          (await ask(method, path, '{"number":1}', { 'if-match': header })).status,
          path === '' ? 412 : 404,
        )
      const other = { authorization: `Basic ${btoa('viewer:copper')}`, 'if-match': '"x"' }
      t.equal((await ask(method, path, body, other)).status, 403)
      t.equal((await ask(method, path, body, { origin: 'http://evil.example' })).status, 403)
      t.equal((await ask(method, path, body, { 'content-type': 'text/plain' })).status, 415)
      t.equal((await ask(method, path, body, { authorization: '' })).status, 401)
    }
    const viewer = { authorization: `Basic ${btoa('viewer:copper')}` }
    t.equal((await ask('POST', '/check', body, viewer)).status, 403)
    t.equal((await ask('GET', '', undefined, viewer)).status, 403, 'a tag may stand in it')
    t.equal(texts.get('config'), before)
  })

  t.test('that breaks the proof is refused with the sum, and nothing changes (CF1)', async t => {
    const { logged, put, texts } = cabinet()
    const answer = await put(rated(46))
    t.equal(answer.status, 422)
    t.match(await answer.json(), {
      faults: [
        {
          path: 'circuits[0]',
          found: 'fail-safes 6 A + worst other load 40 A = 46 A on "main"',
          expected: 'at most 45 A (rating less margin)',
          line: 1,
        },
      ],
      proof: {
        circuits: [{ circuitId: 'main', failSafeA: 6, worstOtherLoadA: 40, limitA: 45, holds: false }],
      },
    })
    t.same(JSON.parse(texts.get('config') ?? ''), GOOD)
    t.equal(texts.size, 1)
    t.match(logged, [{ event: 'configuration.refused', fields: { by: 'admin', faults: 1 } }])
  })

  t.test('is not made where the disk does not keep it, and can be tried again', async t => {
    for (const onSave of ['config-history-01', 'config']) {
      const { fault, put, texts, timers } = cabinet()
      fault.onSave = onSave
      const answer = await put(rated(80))
      t.equal(answer.status, 507, onSave)
      t.match(await answer.json(), { found: /ENOSPC/ })
      t.same(JSON.parse(texts.get('config') ?? ''), GOOD)
      t.equal(timers.length, 0, 'no restart')
      delete fault.onSave
      t.equal((await put(rated(80))).status, 200)
    }
  })

  t.test('in set-up mode starts control, and one that cannot be read is kept in the history', async t => {
    const empty = cabinet('{ "version": 1, // mine\n}')
    await empty.begin()
    t.equal(await (await empty.ask('GET', '')).text(), '{ "version": 1, // mine\n}', 'to be mended')
    t.equal((await empty.put(GOOD)).status, 200)
    t.match(JSON.parse(empty.texts.get('config-history-01') ?? ''), { beforeText: /mine/ })
    const fresh = cabinet(null)
    await fresh.begin()
    const none = await fresh.ask('GET', '')
    t.equal(none.status, 404)
    t.equal((await fresh.put(GOOD, none.headers.get('etag') ?? '')).status, 200)
    t.same(JSON.parse(fresh.texts.get('config') ?? ''), GOOD)
    await fresh.begin()
    const rolled = await fresh.ask('POST', '/rollback', '{"number":1}', { 'if-match': await fresh.tag() })
    t.equal(rolled.status, 404, 'there was nothing before')
  })
})

t.test('rolling back', async t => {
  t.test('takes the document of before a change, and is a change itself', async t => {
    const { ask, begin, put, tag, texts } = cabinet()
    for (const ratedA of [80, 70]) {
      await put(rated(ratedA))
      await begin()
    }
    const answer = await ask('POST', '/rollback', '{"number":1}', { 'if-match': await tag() })
    t.match(await answer.json(), { applies: 'restart', number: 3 })
    t.same(JSON.parse(texts.get('config') ?? ''), GOOD)
    await begin()
    const { changes } = (await (await ask('GET', '/history')).json()) as { changes: { action: string }[] }
    t.same(
      changes.map(({ action }) => action),
      ['rolled back', 'changed', 'changed'],
    )
    for (const body of ['{"number":0}', '{"number":"1"}', '{}', '{', '{"number":1,"a":1}'])
      t.equal((await ask('POST', '/rollback', body, { 'if-match': await tag() })).status, 400, body)
  })

  t.test('is proven by what holds today: a station model of then may be gone', async t => {
    const old = JSON.stringify({ ...GOOD, stations: [{ ...CP_1, device: 'no-more' }] })
    const { ask, begin, desk, put, tag, texts, timers } = cabinet(old)
    t.equal((await put(GOOD)).status, 200)
    await begin()
    const [kept, due] = [texts.size, timers.length]
    const answer = await ask('POST', '/rollback', '{"number":1}', { 'if-match': await tag() })
    t.equal(answer.status, 422)
    t.match(await answer.json(), { faults: [{ path: 'stations[0].device', found: '"no-more"' }] })
    t.same(JSON.parse(texts.get('config') ?? ''), GOOD)
    t.same([texts.size, timers.length], [kept, due], 'nothing is kept, and no restart is due')
    t.equal((await desk.history()).length, 1, 'the change that took it away is still the last one')
    t.equal((await put(rated(80))).status, 200, 'and the next one can be made')
  })

  t.test('goes 50 changes back, also after a restart, and a damaged file costs one of them', async t => {
    const { ask, begin, desk, newDesk, put, texts } = cabinet()
    for (let n = 1; n <= 53; n++) {
      t.equal((await put(rated(100 + n))).status, 200)
      await begin()
    }
    const { changes } = (await (await ask('GET', '/history')).json()) as { changes: { number: number }[] }
    t.same([changes.length, changes[0]?.number, changes.at(-1)?.number], [50, 53, 4])
    const again = newDesk()
    t.same(await again.history(), await desk.history())
    texts.set('config-history-07', '{')
    t.equal((await newDesk().history()).length, 49)
    t.match(await again.rollBack(3, { tag: (await again.read()).tag, by: 'admin' }), { kind: 'unknown' })
  })
})

t.test(
  'a power cut at any millisecond of a change leaves the old or the new, and a true history (CF2)',
  async t => {
    const outcomes = new Set<string>()
    for (let cutMs = 0; cutMs <= 24; cutMs++) {
      const world = createWorld({ seed: cutMs })
      world.disk().putFile('config', JSON.stringify(GOOD))
      const open = () => new ConfigurationDesk({ ports: world.ports, catalogue, missing: () => [] })
      const desk = open()
      void desk.read().then(({ tag }) => desk.put(JSON.stringify(rated(80)), { tag, by: 'admin' }))
      await world.runFor(cutMs)
      world.powerCut()
      const next = open()
      const { proven, document } = await world.until(next.load())
      const isNew = JSON.stringify(document) === JSON.stringify(rated(80))
      t.ok(proven?.ok, `cut after ${cutMs} ms`)
      if (!isNew) t.same(document, GOOD)
      const history = await world.until(next.history())
      if (isNew) t.match(history, [{ isInFile: true }])
      else for (const change of history) t.notOk(change.isInFile)
      const { tag } = await world.until(next.read())
      const after = await world.until(next.put(JSON.stringify(rated(70)), { tag, by: 'admin' }))
      t.match(after, { kind: 'restarts', number: history.length + 1 })
      outcomes.add(`${isNew ? 'new' : 'old'}, ${history.length} told`)
    }
    t.same([...outcomes], ['old, 0 told', 'old, 1 told', 'new, 1 told'])
  },
)

t.test('what cannot be started gives way to the one before, or to set-up mode', async t => {
  for (const first of [JSON.stringify(GOOD), null]) {
    const { clock, desk, logged, put, texts, timers } = cabinet(first)
    const begun: unknown[] = []
    let end = () => {}
    const ending = new Promise<void>(done => {
      end = done
    })
    const log = { write: () => undefined, stop: async () => undefined }
    const done = runUntilEnded({
      clock,
      desk,
      first: await desk.load(),
      log,
      ending,
      begin: async loaded => {
        const config = loaded.proven?.ok === true ? loaded.proven.config : undefined
        if (config?.web.port === 81)
          throw new Error('cannot listen on 127.0.0.1:81: no permission for this port')
        begun.push(config?.web.port ?? loaded.proven)
        if (begun.length === 2) end()
        return { stop: async () => undefined }
      },
    })
    await new Promise(resolve => setImmediate(resolve))
    const web = { host: '127.0.0.1', port: 81 }
    t.equal((await put({ ...GOOD, web }, first === null ? '"none"' : undefined)).status, 200)
    timers[0]?.()
    t.equal(await done, 0)
    if (first === null) {
      t.match(begun, [undefined, { ok: false, faults: [{ path: '(start)', found: /no permission/ }] }])
      continue
    }
    t.same(begun, [0, 0])
    t.same(JSON.parse(texts.get('config') ?? ''), GOOD)
    t.match(logged, [{ event: 'configuration.changed' }, { event: 'configuration.withdrawn' }, {}])
    t.match(await desk.history(), [
      { number: 2, action: 'withdrawn', by: /Busbar: cannot listen/ },
      { number: 1 },
    ])
  }
})

t.test('a configuration the disk would not give is asked for again, and control begins with it', async t => {
  const { clock, desk, files, timers } = cabinet()
  const { text } = files
  const refuse: Files['text'] = async () => {
    throw new Error('busbar.json: cannot be read: EIO: i/o error')
  }
  files.text = refuse
  const begun: unknown[] = []
  let end = () => {}
  const ending = new Promise<void>(done => {
    end = done
  })
  const done = runUntilEnded({
    ...{ clock, desk, first: await desk.load(), ending },
    log: { write: () => undefined, stop: async () => undefined },
    begin: async ({ proven }) => {
      begun.push(proven?.ok)
      if (proven?.ok === true) end()
      return { stop: async () => undefined }
    },
  })
  const looks = async (): Promise<void> => {
    timers.shift()?.()
    while (timers.length === 0 && begun.length < 2) await new Promise(setImmediate)
  }
  await new Promise(setImmediate)
  await looks()
  t.same(begun, [false], 'still not: set-up mode goes on as it is')
  files.text = text
  await looks()
  t.equal(await done, 0)
  t.same(begun, [false, true])
})

t.test('a file that cannot be read is not overwritten, for no history could hold it', async t => {
  const { ask, files, put, texts } = cabinet()
  files.text = async () => Promise.reject(new Error('busbar.json: not UTF-8 text'))
  const found = await ask('GET', '')
  t.equal(found.status, 404)
  const answer = await put(rated(80), found.headers.get('etag') ?? '')
  t.equal(answer.status, 507)
  t.match(await answer.json(), { found: 'busbar.json: not UTF-8 text' })
  t.same(JSON.parse(texts.get('config') ?? ''), GOOD)
})

t.test('a check', async t => {
  t.test(
    'tells faults with their place, the proof, the difference and the restart, and changes nothing',
    async t => {
      const { ask, begin, logged, texts } = cabinet()
      await begin()
      const check = async (document: unknown) =>
        (await (
          await ask('POST', '/check', typeof document === 'string' ? document : JSON.stringify(document))
        ).json()) as Record<string, unknown>
      t.match(await check({ ...rated(80), csms: { url: 'ws://csms.example/ocpp' } }), {
        faults: [],
        missing: [],
        restartFor: ['circuits', 'csms'],
        changes: [
          { path: 'circuits[main].ratedCurrentA', before: '100', after: '80' },
          { path: 'csms', after: '{"url":"ws://csms.example/ocpp"}' },
        ],
        proof: {
          lostOverLimitS: Number,
          singleFaults: [{ kind: 'other load', circuitId: 'main', worstA: Number, isBounded: Boolean }],
          circuits: [{ limitA: 78.4, holds: true }],
        },
      })
      t.match(await check(`{\n "version": 1,\n "site": { "id": "a",\n  "id": "b" } }`), {
        faults: [{ path: 'site.id', found: /second time, first at line 3 column 12/, line: 4, column: 3 }],
      })
      t.match(
        await check(JSON.stringify({ ...GOOD, site: { ...GOOD.site, timeZone: 'Mars' } }, undefined, 1)),
        {
          faults: [{ path: 'site.timeZone', line: 5 }],
        },
      )
      t.match(await check('{ "version": 1,'), { faults: [{ path: '(document)', line: 1, column: 16 }] })
      t.same([texts.size, logged.length], [1, 0])
    },
  )

  t.test('answers every odd document with faults, and no answer is long', async t => {
    const { ask } = cabinet()
    const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
    const chain = (levels: number) =>
      Array.from({ length: levels }, (_, level) => ({
        ...MAIN,
        worstCaseOtherLoadA: 0,
        ...(level > 0 && { id: `c${level}`, parent: level === 1 ? 'main' : `c${level - 1}` }),
      }))
    const station = (id: string) => JSON.stringify({ ...GOOD, stations: [{ ...CP_1, id }] })
    const amps = (text: string) =>
      JSON.stringify(GOOD).replace('"ratedCurrentA":100', `"ratedCurrentA":${text}`)
    for (const [text, path] of [
      ['', '(document)'],
      ['null', '(document)'],
      ['[]', '(document)'],
      ['"text"', '(document)'],
      [deep(32_768), '(document)'],
      [`{"version":${deep(32_768)}}`, '(document)'],
      [`{"a":`.repeat(10_000), '(document)'],
      [`[${'1,'.repeat(200_000)}1]`, '(document)'],
      [`{"circuits":[${'{},'.repeat(20_000)}{}]}`, 'version'],
      [amps('1e308'), 'circuits[0].ratedCurrentA'],
      [amps('1e309'), 'circuits[0].ratedCurrentA'],
      [amps('-0'), 'circuits[0].ratedCurrentA'],
      [amps('NaN'), '(document)'],
      [amps('"100A"'), 'circuits[0].ratedCurrentA'],
      [station('../../etc/passwd'), 'stations[0].id'],
      [station('a b'), 'stations[0].id'],
      [station('\u202e1-PC'), 'stations[0].id'],
      [station(''), 'stations[0].id'],
      [JSON.stringify(GOOD).replace('{', '{"__proto__":{"isAdmin":true},'), '__proto__'],
      [JSON.stringify(GOOD).replace('{', '{"constructor":1,'), 'constructor'],
      [JSON.stringify(GOOD).slice(0, JSON.stringify(GOOD).length / 2), '(document)'],
      [JSON.stringify({ ...GOOD, fuses: 1 }), 'fuses'],
      [amps('0'), 'circuits[0].ratedCurrentA'],
      [amps('-5'), 'circuits[0].ratedCurrentA'],
      [amps('1e9'), 'circuits[0].ratedCurrentA'],
      [amps('1e-308'), 'circuits[0].marginA'],
      [JSON.stringify({ ...GOOD, stations: [CP_1, CP_1] }), 'stations[1].id'],
      [JSON.stringify({ ...GOOD, stations: [{ ...CP_1, circuit: undefined }] }), 'stations[0].circuit'],
      [JSON.stringify({ ...GOOD, stations: [{ ...CP_1, circuit: 'nowhere' }] }), 'stations[0].circuit'],
      [JSON.stringify({ ...GOOD, csms: { url: 'http://csms.example' } }), 'csms.url'],
      [JSON.stringify({ ...GOOD, site: { id: 'depot', timeZone: 'Mars/Base' } }), 'site.timeZone'],
      [JSON.stringify({ ...GOOD, web: { mdns: 'yes' } }), 'web.mdns'],
      [JSON.stringify({ ...GOOD, web: { mdns: { name: '' } } }), 'web.mdns.name'],
      [JSON.stringify({ ...GOOD, web: { mdns: { addresses: ['10.0.0.500'] } } }), 'web.mdns.addresses[0]'],
      [JSON.stringify({ ...GOOD, circuits: [{ ...MAIN, parent: 'main' }] }), 'circuits[0].parent'],
      [JSON.stringify({ ...GOOD, circuits: chain(16) }), undefined],
      [JSON.stringify({ ...GOOD, circuits: chain(17) }), 'circuits[16].parent'],
      [JSON.stringify(GOOD).replace('"id":"depot"', '"id":"depot","id":"depot"'), 'site.id'],
    ] as const) {
      const answer = await ask('POST', '/check', text)
      t.equal(answer.status, 200)
      const body = await answer.text()
      t.equal(JSON.parse(body).faults[0]?.path, path, text.slice(0, 60))
      t.ok(body.length < 64 * 1024, `${body.length} bytes`)
    }
    t.equal((await ask('POST', '/check', ' '.repeat(2 * 1024 * 1024 + 1))).status, 413)
    for (const id of ['A*+=:|@._-9', 'x'.repeat(48)]) {
      const answer = await ask('POST', '/check', station(id))
      t.match(await answer.json(), {
        faults: [],
        changes: [{ path: 'stations[CP-1]' }, { path: `stations[${id}]` }],
      })
    }
    t.equal(Reflect.get({}, 'isAdmin'), undefined)
  })
})

t.test('the schema has label, help, unit, range and default of each number', async t => {
  const { ask } = cabinet()
  const schema = await (await ask('GET', '/schema')).json()
  t.match(schema, {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    required: ['version', 'site', 'circuits', 'stations'],
    properties: {
      circuits: {
        items: {
          properties: {
            ratedCurrentA: { title: 'Rated current', description: String, unit: 'A', maximum: 6300 },
          },
        },
      },
      site: { properties: { nominalVoltageV: { default: 230, minimum: 100, unit: 'V' } } },
    },
  })
  const bare: string[] = []
  const walk = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return
    const type: unknown = Reflect.get(node, 'type')
    const named = typeof Reflect.get(node, 'title') === 'string' && Reflect.get(node, 'description') !== ''
    const isOpen = (type === 'number' || type === 'integer') && !Object.hasOwn(node, 'const')
    if (isOpen && !named) bare.push(path)
    for (const [key, value] of Object.entries(node)) walk(value, `${path}/${key}`)
  }
  walk(schema, '')
  t.same(bare, [])
})

t.test('a difference names members by their id, tells their order, and everything of a first one', t => {
  const station = (id: string, a: number) => ({ id, a })
  t.same(
    difference(
      { s: [station('1', 1), station('2', 2)] },
      { s: [station('0', 0), station('1', 1), station('2', 3)] },
    ),
    [
      { path: 's[2].a', before: '2', after: '3' },
      { path: 's[0]', after: '{"id":"0","a":0}' },
    ],
  )
  t.match(difference({ s: [station('1', 1), station('2', 2)] }, { s: [station('2', 2), station('1', 1)] }), [
    { path: 's (order)', before: '["1","2"]' },
  ])
  t.same(difference(undefined, { a: 1, b: [] }), [
    { path: 'a', after: '1' },
    { path: 'b', after: '[]' },
  ])
  t.same(difference({ a: [1, 2] }, { a: [1] }), [{ path: 'a[1]', before: '2' }])
  t.same(difference(null, {}), [{ path: '(document)', before: 'null', after: '{}' }])
  const read = readJson('{"a": [{"b": 1},\n {"b": 2}]}')
  t.match(read.ok && read.value.placeOf('a[1].b'), { line: 2, column: 3 })
  t.match(read.ok && read.value.placeOf('a[1].missing.part'), { line: 2, column: 2 })
  t.end()
})
