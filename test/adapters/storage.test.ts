/** Files and journal: what was acknowledged is there after a kill, and damage is noticed. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, symlinkSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ClassicLevel } from 'classic-level'
import t from 'tap'
import { crc32c } from '../../src/adapters/crc32c.js'
import { createFiles } from '../../src/adapters/files.js'
import { openJournal } from '../../src/adapters/journal.js'
import { withJournal } from '../../src/adapters/journal-stand-in.js'
import { badBlocks, cutBlocks } from '../../src/adapters/journal-tables.js'
import { repeatedKey } from '../../src/adapters/repeated-key.js'
import { extentOf } from '../../src/core/extent.js'
import type { Log } from '../../src/ports.js'
import { saidLosses } from '../../src/store/journal-record.js'

const WRITER = fileURLToPath(new URL('./fixtures/writer.js', import.meta.url))

function recorder() {
  const events: string[] = []
  const log: Log = { write: (_level, event) => void events.push(event) }
  return { events, log }
}

function filesIn(dataDir: string, log: Log = recorder().log) {
  return createFiles({ configPath: join(dataDir, 'busbar.json'), dataDir, log })
}

/** Runs the writer until it has acknowledged `enough`, kills it as the power would, and says what it acknowledged. */
async function killedWriter(kind: 'files' | 'journal', dataDir: string, enough: number): Promise<number> {
  const child = spawn(process.execPath, [WRITER, kind, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    if (output.split('\n').length > enough) child.kill('SIGKILL')
  })
  await once(child, 'close')
  return Number(output.trimEnd().split('\n').at(-1))
}

t.test('files', t => {
  t.test('fifty saves at once end with the last document and every caller is answered', async t => {
    const files = filesIn(t.testdir())
    const saves = Array.from({ length: 50 }, (_, count) => files.save('state', { count }))
    t.ok((await Promise.allSettled(saves)).every(save => save.status === 'fulfilled'))
    t.same(await files.load('state'), { count: 49 })
  })

  t.test('a save is on the disk, whole, when its caller is answered', async t => {
    const dataDir = t.testdir()
    await filesIn(dataDir).save('state', { a: 1 })
    t.same(JSON.parse(await readFile(join(dataDir, 'state.json'), 'utf8')), { a: 1 })
  })

  t.test('a process killed in the middle of writing leaves a whole document', async t => {
    for (const enough of [1, 7, 20]) {
      const dataDir = t.testdir()
      const acknowledged = await killedWriter('files', dataDir, enough)
      const { events, log } = recorder()
      const found = (await filesIn(dataDir, log).load('state')) as { count: number; again: number }
      t.ok(found.count >= acknowledged, `at least the acknowledged ${acknowledged}: ${found.count}`)
      t.equal(found.again, found.count)
      t.same(
        (await readdir(dataDir)).filter(name => name.endsWith('.tmp')),
        [],
        'no leftover',
      )
      t.ok(events.length <= 1)
    }
  })

  t.test('an absent document is undefined', async t => {
    t.equal(await filesIn(t.testdir()).load('config'), undefined)
  })

  const broken: readonly (readonly [string, string | Buffer, RegExp])[] = [
    ['empty', '', /busbar\.json: empty/],
    ['only blanks', ' \n', /empty/],
    ['cut in half', '{\n  "version": 1,\n  "site": {', /busbar\.json: not JSON: line 3 column 12/],
    ['a comma too many', '{ "a": 1,\n  }', /not JSON: line 2 column 3/],
    ['zeros after a power cut', Buffer.alloc(64), /not JSON/],
    ['not text', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), /not UTF-8 text/],
    ['far too long', Buffer.alloc(9 * 1024 * 1024, 0x20), /expected at most/],
  ]
  for (const [what, content, message] of broken) {
    t.test(`a configuration that is ${what} is refused with its name and the reason`, async t => {
      const dataDir = t.testdir()
      await writeFile(join(dataDir, 'busbar.json'), content)
      await t.rejects(filesIn(dataDir).load('config'), { message })
    })
  }

  t.test('a configuration that is no regular file, or a link that leads nowhere, is refused', async t => {
    const dir = t.testdir({})
    symlinkSync(join(dir, 'nowhere.json'), join(dir, 'link.json'))
    execFileSync('mkfifo', [join(dir, 'pipe.json')])
    const load = (name: string) =>
      createFiles({ configPath: join(dir, name), dataDir: dir, log: recorder().log }).load('config')
    await t.rejects(load('link.json'), /leads nowhere/)
    await t.rejects(load('pipe.json'), /no regular file/)
    await t.rejects(load('.'), /no regular file/)
  })

  t.test('a key that stands twice is named, wherever it is', async t => {
    const table: readonly (readonly [text: string, where: string | undefined])[] = [
      ['{"a":1,"b":{"a":2},"c":[{"a":1},{"a":1}]}', undefined],
      ['{"a":1,"a":2}', 'a'],
      ['{"c":[{"x":1},{"ratedCurrentA":100,"ratedCurrentA":1}]}', 'c.1.ratedCurrentA'],
      ['{"a":"\\"a\\":{,","\\u0061":2}', 'a'],
      ['[{"a":{}},{"a":[]},"a","a"]', undefined],
    ]
    for (const [text, where] of table) t.equal(repeatedKey(text), where, text)
    const dataDir = t.testdir({ 'busbar.json': '{"circuits":[{"ratedCurrentA":100,"ratedCurrentA":1}]}' })
    await t.rejects(filesIn(dataDir).load('config'), {
      message: /busbar\.json: "circuits\.0\.ratedCurrentA" stands there twice/,
    })
  })

  t.test('a byte order mark before the configuration does no harm', async t => {
    const dataDir = t.testdir({ 'busbar.json': '\uFEFF{"version":1}' })
    t.same(await filesIn(dataDir).load('config'), { version: 1 })
  })

  t.test(
    'a state whose save was cut between two renames is the previous one; a damaged one is refused',
    async t => {
      const dataDir = t.testdir()
      const before = filesIn(dataDir)
      await before.save('state', { count: 1 })
      await before.save('state', { count: 2 })
      await rm(join(dataDir, 'state.json'))
      const { events, log } = recorder()
      t.same(await filesIn(dataDir, log).load('state'), { count: 1 })
      t.same(events, ['file-previous-used'])
      for (const content of ['{"a":', '']) {
        await writeFile(join(dataDir, 'state.json'), content)
        const after = filesIn(dataDir)
        await t.rejects(after.load('state'), { message: /state\.json: (not JSON|empty)/ })
        await after.save('state', { count: 3 })
        t.same(JSON.parse(await readFile(join(dataDir, 'state.json.1'), 'utf8')), { count: 1 }, 'not kept')
      }
    },
  )

  t.test('secrets are readable by their owner only, and no second copy of them is kept', async t => {
    const dataDir = t.testdir()
    const files = filesIn(dataDir)
    await files.save('secrets', {})
    await files.save('secrets', { a: 1 })
    t.equal((await stat(join(dataDir, 'secrets.json'))).mode & 0o777, 0o600)
    t.same(await readdir(dataDir), ['secrets.json'])
  })

  t.test('a configuration behind a link is written where the link points to', async t => {
    const dataDir = t.testdir({ real: { 'site.json': '{}' } })
    await symlink(join(dataDir, 'real', 'site.json'), join(dataDir, 'busbar.json'))
    await filesIn(dataDir).save('config', { version: 1 })
    t.same(JSON.parse(await readFile(join(dataDir, 'real', 'site.json'), 'utf8')), { version: 1 })
  })

  t.test('a failed save is told to its caller and the next one works', async t => {
    const dataDir = t.testdir({ 'state.json': { 'in the way': '' } })
    const files = filesIn(dataDir)
    await t.rejects(files.save('state', { a: 1 }), { message: /state\.json: cannot be saved/ })
    await t.rejects(files.save('state', { a: 1n }), { message: /cannot be saved|BigInt/ })
    await files.save('other', { a: 2 })
    t.same(await files.load('other'), { a: 2 })
    await t.rejects(files.load('../secrets'), { message: /no document name/ })
  })
  t.end()
})

const put = (key: string, value = key) => ({ kind: 'put', key, value }) as const

t.test('journal', t => {
  t.test('every acknowledged durable commit survives a kill, in order and without a gap', async t => {
    const dataDir = t.testdir()
    const acknowledged = await killedWriter('journal', dataDir, 200)
    const { events, log } = recorder()
    const journal = await openJournal({ dataDir, log })
    t.teardown(() => journal.stop())
    const entries = await journal.scan('entry!', 'entry!~', 100_000)
    t.ok(entries.length >= acknowledged, `${entries.length} of at least ${acknowledged}`)
    t.same(
      entries.map(entry => Number(entry.value)),
      entries.map((_, index) => index + 1),
    )
    t.equal(journal.gapFound, false)
    t.same(events, [])
  })

  t.test('later commits win over earlier ones, and a scan sees every commit called before it', async t => {
    const journal = await openJournal({ dataDir: t.testdir(), log: recorder().log })
    t.teardown(() => journal.stop())
    void journal.commit([put('a', '1'), put('b', '1')], false)
    void journal.commit([put('a', '2')], true)
    void journal.commit([{ kind: 'delete', key: 'b' }, put('c', '3'), put('é', '4')], false)
    t.same(await journal.scan('', '\uffff', 10), [
      { key: 'a', value: '2' },
      { key: 'c', value: '3' },
      { key: 'é', value: '4' },
    ])
    t.same(await journal.scan('a', 'c', 10), [{ key: 'a', value: '2' }], 'the end is not included')
    t.equal((await journal.scan('', '\uffff', 2)).length, 2)
    t.ok((await journal.sizeBytes()) > 0)
  })

  t.test('what is committed while a flush runs goes to the disk together', async t => {
    const journal = await openJournal({ dataDir: t.testdir(), log: recorder().log })
    t.teardown(() => journal.stop())
    const batches = t.capture(ClassicLevel.prototype, 'batch', ClassicLevel.prototype.batch)
    const first = journal.commit([put('first')], true)
    await new Promise(resolve => setImmediate(resolve))
    const rest = Array.from({ length: 300 }, (_, count) => journal.commit([put(`rest!${count}`)], true))
    await Promise.all([first, ...rest])
    t.ok(batches().length <= 3, `301 commits in ${batches().length} flushes`)
    t.equal((await journal.scan('rest!', 'rest!~', 1000)).length, 300)
  })

  t.test('a read waits for writes to its own range and for no others', async t => {
    const journal = await openJournal({ dataDir: t.testdir(), log: recorder().log })
    t.teardown(() => journal.stop())
    await journal.commit([put('log/A/1')], true)
    const real = ClassicLevel.prototype.batch
    let release: () => void = () => undefined
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    t.intercept(ClassicLevel.prototype, 'batch', {
      value: async function (this: ClassicLevel, ...args: Parameters<typeof real>) {
        await held
        return real.apply(this, args)
      },
    })
    const flying = journal.commit([put('log/B/1')], true)
    await new Promise(resolve => setImmediate(resolve))
    const behind = journal.commit([put('log/C/1')], true)
    t.equal((await journal.scan('log/A/', 'log/A0', 9)).length, 1)
    t.equal((await journal.extent('log/A/', 'log/A0', 9)).count, 1)
    const read = Promise.all([
      journal.scan('log/B/', 'log/B0', 9),
      journal.extent('log/C/', 'log/C0', 9),
      journal.scan('', '\uffff', 9),
    ])
    release()
    await Promise.all([flying, behind])
    const [inB, inC, all] = await read
    t.same([inB.length, inC.count, all.length], [1, 1, 3])
  })

  t.test('of long entries an extent gives fewer, and always the newest', async t => {
    const journal = await openJournal({ dataDir: t.testdir(), log: recorder().log })
    t.teardown(() => journal.stop())
    for (const [folder, chars, given] of [
      ['log/A', 30_000, ['2', '3']],
      ['log/B', 100_000, ['3']],
      ['log/C', 10, ['0', '1', '2', '3']],
    ] as const) {
      const value = 'x'.repeat(chars)
      const ops = ['0', '1', '2', '3'].map(n => put(`${folder}/${n}`, value))
      await journal.commit(ops, true)
      const extent = await journal.extent(`${folder}/`, `${folder}0`, 8)
      t.same(
        extent.last.map(({ key }) => key.slice(-1)),
        given,
        folder,
      )
      t.match(extent, { count: 4, first: { key: `${folder}/0` } })
      t.same(extent, extentOf(await journal.scan(`${folder}/`, `${folder}0`, 8), 8))
    }
  })

  t.test(
    'what lies in a folder is what a scan of it gives, whatever was written since the opening',
    async t => {
      const dataDir = t.testdir()
      const folders = ['log/A', 'log/B', 'log/B/x', 'log', 'tag']
      let seed = 7
      const dice = (sides: number): number => {
        seed = (seed * 1103515245 + 12345) % 2 ** 31
        return Math.floor((seed / 2 ** 31) * sides)
      }
      const key = (): string => `${folders[dice(folders.length)]}/${dice(40)}`
      for (let opening = 0; opening < 3; opening++) {
        const journal = await openJournal({ dataDir, log: recorder().log })
        for (let step = 0; step < 30; step++) {
          const ops = Array.from({ length: dice(4) }, () =>
            dice(3) === 0 ? ({ kind: 'delete', key: key() } as const) : put(key()),
          )
          const written = journal.commit(ops, dice(2) === 0)
          for (const name of folders) {
            const entries = await journal.scan(`${name}/`, `${name}0`, 1000)
            t.same(await journal.extent(`${name}/`, `${name}0`, 5), extentOf(entries, 5), name)
          }
          await written
        }
        await journal.stop()
      }
    },
  )

  t.test('a synced batch carries what was written unsynced before it', async t => {
    const journal = await openJournal({ dataDir: t.testdir(), log: recorder().log })
    t.teardown(() => journal.stop())
    const batches = t.capture(ClassicLevel.prototype, 'batch', ClassicLevel.prototype.batch)
    await journal.commit([put('telemetry')], false)
    await journal.commit([put('start')], true)
    const [unsynced, synced] = batches()
    t.match(unsynced?.args, [[{ type: 'put', key: 'telemetry', value: / telemetry$/ }]])
    t.match(synced?.args, [[{ key: 'telemetry' }, { key: 'start' }], { sync: true }])
  })

  t.test('a failed write is told to its callers, and later commits work', async t => {
    const { events, log } = recorder()
    const journal = await openJournal({ dataDir: t.testdir(), log })
    t.teardown(() => journal.stop())
    await journal.commit([put('before')], true)
    const real = ClassicLevel.prototype.batch
    const broken = () => Promise.reject(new Error('no space left'))
    ClassicLevel.prototype.batch = broken as unknown as typeof real
    const failing = [journal.commit([put('x')], true), journal.commit([put('y')], false)]
    t.same(
      (await Promise.allSettled(failing)).map(outcome => outcome.status),
      ['rejected', 'rejected'],
    )
    ClassicLevel.prototype.batch = real
    await journal.commit([put('after')], true)
    t.same(
      (await journal.scan('', '~', 10)).map(entry => entry.key),
      ['after', 'before'],
    )
    t.same(events, ['journal-write-failed', 'journal-write-works-again'])
    t.equal(journal.gapFound, false)
  })

  t.test(
    'a new journal whose first write fails is opened at the next attempt of the same process',
    async t => {
      const dataDir = t.testdir()
      const real = ClassicLevel.prototype.batch
      t.teardown(() => {
        ClassicLevel.prototype.batch = real
      })
      ClassicLevel.prototype.batch = (() => Promise.reject(new Error('EIO'))) as unknown as typeof real
      await t.rejects(openJournal({ dataDir, log: recorder().log }), { message: 'EIO' })
      ClassicLevel.prototype.batch = real
      const journal = await openJournal({ dataDir, log: recorder().log })
      await journal.commit([put('kept')], true)
      await journal.stop()
    },
  )

  t.test(
    'opened anew after a failed write it has all that was acknowledged, news too, and goes on',
    async t => {
      const dataDir = t.testdir()
      const { events, log } = recorder()
      const journal = await openJournal({ dataDir, log })
      const acknowledged: string[] = []
      const take = async (key: string, durable: boolean): Promise<void> => {
        await journal.commit([put(key)], durable)
        acknowledged.push(key)
      }
      const real = ClassicLevel.prototype.batch
      const open = ClassicLevel.prototype.open
      t.teardown(() => {
        ClassicLevel.prototype.batch = real
        ClassicLevel.prototype.open = open
      })
      const broken = () => Promise.reject(new Error('EIO'))
      for (let round = 0; round < 4; round++) {
        await take(`${round} durable`, true)
        await take(`${round} news`, false)
        ClassicLevel.prototype.batch = broken as unknown as typeof real
        await t.rejects(journal.commit([put(`${round} refused`)], round % 2 === 0), { message: 'EIO' })
        ClassicLevel.prototype.batch = real
        // the disk is not there for the opening either
        ClassicLevel.prototype.open = broken as unknown as typeof open
        await t.rejects(journal.commit([put(`${round} unopened`)], true))
        ClassicLevel.prototype.open = open
        await take(`${round} after`, true)
        const keys = (await journal.scan('', '~', 100)).map(({ key }) => key)
        t.same(keys, acknowledged.toSorted(), `round ${round}`)
      }
      await journal.stop()
      const again = await openJournal({ dataDir, log })
      t.equal(again.gapFound, false)
      t.same(
        (await again.scan('', '~', 100)).map(({ key }) => key),
        acknowledged.toSorted(),
      )
      await again.stop()
      t.same(new Set(events), new Set(['journal-write-failed', 'journal-write-works-again']))
    },
  )

  t.test('damage to the log is noticed wherever it is, once, and the rest is kept', async t => {
    for (const [what, place] of [
      ['in the middle', 0.3],
      ['near the end', 0.95],
    ] as const) {
      const dataDir = t.testdir()
      const journal = await openJournal({ dataDir, log: recorder().log })
      for (let count = 0; count < 300; count++) {
        await journal.commit([put(`e!${count}`, 'x'.repeat(400))], true)
      }
      await journal.stop()
      await damageLog(join(dataDir, 'journal'), place)
      const { events, log } = recorder()
      const damaged = await openJournal({ dataDir, log })
      t.equal(damaged.gapFound, true, what)
      t.same(events, ['journal-gap'])
      const kept = (await damaged.scan('e!', 'e!~', 1000)).length
      t.ok(kept > 0 && kept < 300, `${kept} of 300 kept`)
      await damaged.found.told?.()
      await damaged.stop()
      const again = await openJournal({ dataDir, log })
      t.equal(again.gapFound, false, 'reported once')
      await again.stop()
    }
  })

  t.test(
    'an end torn within a second of the last commit is named, and what was before it is kept',
    async t => {
      const root = t.testdir()
      const live = join(root, 'live')
      const journal = await openJournal({ dataDir: live, log: recorder().log })
      const value = '1'.repeat(100_000)
      await journal.commit([put('log/CP-1/1700000000000', value)], true)
      await journal.commit([put('log/CP-2/1700000001000', value), put('state', 'x')], true)
      const name = (await readdir(join(live, 'journal'))).find(one => one.endsWith('.log')) ?? ''
      const whole = await readFile(join(live, 'journal', name))
      const tears: readonly (readonly [what: string, end: Buffer, lost: boolean])[] = [
        ['nothing', whole, false],
        ['one byte', whole.subarray(0, -1), true],
        ['half of the last', whole.subarray(0, -60_000), true],
        ['all but its head', whole.subarray(0, whole.length / 2 + 400), true],
        ['zeros for its end', Buffer.concat([whole.subarray(0, -30_000), Buffer.alloc(30_000)]), true],
        ['zeros after it', Buffer.concat([whole, Buffer.alloc(500)]), true],
      ]
      for (const [what, end, isTorn] of tears) {
        const dataDir = join(root, what)
        await cp(live, dataDir, { recursive: true })
        await writeFile(join(dataDir, 'journal', name), end)
        const torn = await openJournal({ dataDir, log: recorder().log })
        const { damage } = torn.found
        t.equal(damage !== undefined, isTorn, what)
        const kept = (await torn.scan('log/', 'log0', 10)).length
        t.ok(kept >= 1, `${what}: ${kept} kept`)
        if (damage !== undefined && kept === 1)
          t.match(
            saidLosses(damage).text,
            /the last write is not whole \(CP-2: 1 waiting message of 2023-11-14T22:13:21/,
          )
        await torn.found.told?.()
        await torn.stop()
        const again = await openJournal({ dataDir, log: recorder().log })
        t.equal(again.gapFound, false, `${what}: told once`)
        await again.stop()
      }
      await journal.stop()
    },
  )

  t.test('a journal that cannot be opened as it is gets repaired and says so', async t => {
    const dataDir = t.testdir()
    const journal = await openJournal({ dataDir, log: recorder().log })
    await journal.commit([put('a')], true)
    await journal.stop()
    await writeFile(join(dataDir, 'journal', 'CURRENT'), 'nonsense')
    const { events, log } = recorder()
    const repaired = await openJournal({ dataDir, log })
    t.teardown(() => repaired.stop())
    t.equal(repaired.gapFound, true)
    t.ok(events.includes('journal-repaired'))
    t.same(await repaired.scan('', '~', 10), [{ key: 'a', value: 'a' }])
  })

  t.test(
    'what was put aside before an opening helps where it holds more, and never where it is older',
    async t => {
      const root = t.testdir()
      const live = join(root, 'live')
      const journal = await openJournal({ dataDir: live, log: recorder().log })
      const write = async (from: number, to: number): Promise<void> => {
        for (let at = from; at < to; at++) await journal.commit([put(`log/CP-1/${at + 10}`)], true)
      }
      await write(0, 5)
      await cp(join(live, 'journal'), join(root, 'five'), { recursive: true })
      await write(5, 20)
      await cp(join(live, 'journal'), join(root, 'twenty'), { recursive: true })
      await journal.stop()
      const opened = async (name: string, before: string, isLogGone: boolean) => {
        const dataDir = join(root, name)
        await cp(join(root, 'twenty'), join(dataDir, 'journal'), { recursive: true })
        await cp(join(root, before), join(dataDir, 'journal.before'), { recursive: true })
        await cp(join(live, 'journal.mark'), join(dataDir, 'journal.mark'))
        for (const file of isLogGone ? await readdir(join(dataDir, 'journal')) : [])
          if (file.endsWith('.log')) await rm(join(dataDir, 'journal', file))
        const again = await openJournal({ dataDir, log: recorder().log })
        const entries = await again.scan('log/', 'log0', 100)
        await again.stop()
        return { entries: entries.length, gap: again.gapFound, files: (await readdir(dataDir)).sort() }
      }
      const clean = ['journal', 'journal.mark']
      t.same(await opened('cut-short', 'twenty', true), { entries: 20, gap: false, files: clean })
      t.same(await opened('older', 'five', false), { entries: 20, gap: false, files: clean })
      // not all of it, and said
      t.match(await opened('both', 'five', true), { entries: 5, gap: true })
    },
  )

  /** Tables and a log, closed; every entry is known. */
  async function filledJournal(dataDir: string): Promise<readonly string[]> {
    const keys = Array.from(
      { length: 3000 },
      (_, count) => `log/CP-${count % 3}/${String(count).padStart(14, '0')}`,
    )
    // what the first run has written is in tables that count when the second has opened it
    for (const some of [keys.slice(0, 2000), keys.slice(2000)]) {
      const journal = await openJournal({ dataDir, log: recorder().log })
      for (let at = 0; at < some.length; at += 250)
        await journal.commit(
          some.slice(at, at + 250).map(key => put(key, key.repeat(20))),
          true,
        )
      await journal.stop()
    }
    return keys
  }

  async function reopened(dataDir: string) {
    const { events, log } = recorder()
    const journal = await openJournal({ dataDir, log })
    const { found } = journal
    const entries = await journal.scan('log/', 'log0', 10_000)
    await found.told?.()
    await journal.stop()
    for (const { key, value } of entries) if (value !== key.repeat(20)) throw new Error(`${key} is not whole`)
    return { found, kept: entries.length, events }
  }

  const wounds: readonly (readonly [string, (folder: string) => Promise<void>, number])[] = [
    ['CURRENT is gone', folder => rm(join(folder, 'CURRENT')), 0],
    [
      'CURRENT names a file that is not there',
      folder => writeFile(join(folder, 'CURRENT'), 'MANIFEST-9\n'),
      0,
    ],
    ['MANIFEST is gone', folder => onFirst(folder, /^MANIFEST/, path => rm(path)), 0],
    ['MANIFEST is cut', folder => onFirst(folder, /^MANIFEST/, path => truncate(path, 40)), 0],
    ['a byte of a table is flipped', folder => onFirst(folder, /ldb$/, path => flip(path, 0.4)), 400],
    ['the index of a table is flipped', folder => onFirst(folder, /ldb$/, path => flip(path, 0.9995)), 2900],
    ['a table is cut in half', folder => onFirst(folder, /ldb$/, path => halve(path)), 2900],
    ['a table is empty', folder => onFirst(folder, /ldb$/, path => truncate(path, 0)), 2900],
  ]
  for (const [what, wound, mostLost] of wounds) {
    t.test(`${what}: it opens, says so, keeps a copy and loses at most ${mostLost} of 3,000`, async t => {
      const dataDir = t.testdir()
      await filledJournal(dataDir)
      await wound(join(dataDir, 'journal'))
      const { found, kept } = await reopened(dataDir)
      t.ok(3000 - kept <= mostLost, `${3000 - kept} lost`)
      t.ok(kept === 3000 || found.damage !== undefined, 'what is lost is said')
      t.equal(found.damage?.copy, 'journal.damaged-0001')
      t.ok((await readdir(join(dataDir, 'journal.damaged-0001'))).length > 1)
      const again = await reopened(dataDir)
      t.equal(again.found.damage, undefined, 'said once')
      t.equal(again.kept, kept)
    })
  }

  t.test('a flipped byte anywhere in the tables is never read as if it had been written', async t => {
    const root = t.testdir()
    await filledJournal(join(root, 'source'))
    for (let place = 0.02; place < 1; place += 0.07) {
      const dataDir = join(root, place.toFixed(2))
      await cp(join(root, 'source'), dataDir, { recursive: true })
      await onFirst(join(dataDir, 'journal'), /ldb$/, path => flip(path, place))
      const { found, kept } = await reopened(dataDir)
      t.ok(kept === 3000 || found.damage !== undefined, `at ${place.toFixed(2)}: ${3000 - kept} lost`)
    }
  })

  t.test(
    'damage that a reading comes upon while all runs is found at once, and the rest is read again',
    async t => {
      const dataDir = t.testdir()
      await filledJournal(dataDir)
      const { log } = recorder()
      const journal = await openJournal({ dataDir, log })
      t.equal(journal.gapFound, false)
      await onFirst(join(dataDir, 'journal'), /ldb$/, path => flip(path, 0.4))
      await t.rejects(journal.scan('log/', 'log0', 10_000), 'never as if it had been written')
      while (journal.found.damage === undefined) await new Promise(done => setTimeout(done, 10))
      t.match(saidLosses(journal.found.damage).text, /CP-/, 'named by station')
      const rest = await journal.scan('log/', 'log0', 10_000)
      t.ok(rest.length >= 2_600 && rest.length < 3_000, `${rest.length} of 3,000`)
      await journal.commit([put('log/CP-9/1', 'more')], true)
      await journal.stop()
      const again = await openJournal({ dataDir, log })
      t.equal((await again.scan('log/', 'log0', 10_000)).length, rest.length + 1)
      t.ok(again.found.damage, 'nobody has been told: it is said again')
      await again.stop()
    },
  )

  t.test('CRC-32C of "123456789" is e3069283 (RFC 3720), in one part or in more', async t => {
    const parts = (...texts: string[]) => crc32c(...texts.map(text => Buffer.from(text)))
    t.same([parts('123456789'), parts('12', '34567', '89')], [0xe3069283, 0xe3069283])
  })

  t.test('a bit that is flipped in a key is told of, where the entry is not found any more too', async t => {
    const root = t.testdir()
    const keys = await filledJournal(join(root, 'source'))
    const source = join(root, 'source', 'journal')
    const name = (await readdir(source)).find(file => file.endsWith('.ldb')) ?? ''
    const table = await readFile(join(source, name))
    t.same(await badBlocks(source), [])
    let lost = 0
    // Of the first keys: their bytes and the lengths between them.
    for (let at = table.indexOf('log/') - 3; at < table.indexOf('log/') + 40; at += 3) {
      const dataDir = join(root, String(at))
      await cp(join(root, 'source'), dataDir, { recursive: true })
      const flipped = Buffer.from(table)
      flipped.writeUInt8((table[at] ?? 0) ^ 4, at)
      await writeFile(join(dataDir, 'journal', name), flipped)
      t.equal((await badBlocks(join(dataDir, 'journal'))).length, 1, `byte ${at}`)
      const { found, kept } = await reopened(dataDir)
      if (kept < keys.length) lost++
      t.ok(found.damage !== undefined, `byte ${at}: ${keys.length - kept} lost, and it is said`)
      t.equal((await reopened(dataDir)).found.damage, undefined, 'once')
    }
    t.ok(lost > 0, `${lost} flips cost an entry`)
  })

  t.test('killed between the cut and the repair it says at the next start that it was damaged', async t => {
    const dataDir = t.testdir()
    const keys = await filledJournal(dataDir)
    const folder = join(dataDir, 'journal')
    await onFirst(folder, /ldb$/, async path => {
      const table = await readFile(path)
      const at = table.indexOf('log/')
      table.writeUInt8((table[at] ?? 0) ^ 0x10, at)
      await writeFile(path, table)
    })
    const bad = await badBlocks(folder)
    t.match(bad, [{ hidesOthers: true }])
    await cutBlocks(folder, new Set(bad.map(({ place }) => place)))
    const { found, kept } = await reopened(dataDir)
    t.ok(kept < keys.length && kept > keys.length - 20, `${kept} of ${keys.length} are read`)
    t.ok(found.damage !== undefined)
  })

  t.test('a table of one block that is damaged in a key is opened, and its loss is told', async t => {
    const dataDir = t.testdir()
    for (let run = 0; run < 2; run++) {
      const journal = await openJournal({ dataDir, log: recorder().log })
      await journal.commit([put(`log/CP-1/${run}`)], true)
      await journal.stop()
    }
    const folder = join(dataDir, 'journal')
    await onFirst(folder, /ldb$/, async path => {
      const table = await readFile(path)
      const at = table.indexOf('log/')
      table.writeUInt8((table[at] ?? 0) ^ 0x10, at)
      await writeFile(path, table)
    })
    t.match(await badBlocks(folder), [{ hidesOthers: true }])
    const journal = await openJournal({ dataDir, log: recorder().log })
    t.ok(journal.found.damage !== undefined)
    await journal.commit([put('log/CP-1/2')], true)
    t.same(
      (await journal.scan('log/', 'log0', 10)).map(({ key }) => key),
      ['log/CP-1/1', 'log/CP-1/2'],
    )
    await journal.stop()
  })

  t.test('a journal of before values had a checksum is taken over (UP3)', async t => {
    const dataDir = t.testdir()
    await mkdir(join(dataDir, 'journal'))
    const old = new ClassicLevel(join(dataDir, 'journal'))
    await old.batch([
      { type: 'put', key: 'log/CP-1/1', value: '{"a":1}' },
      { type: 'put', key: 'next/transaction', value: '1500000001' },
    ])
    await old.close()
    for (let time = 0; time < 2; time++) {
      const journal = await openJournal({ dataDir, log: recorder().log })
      t.same(
        (await journal.scan('', '~', 10)).map(({ value }) => value),
        ['{"a":1}', '1500000001'],
      )
      t.equal(journal.found.damage, undefined)
      await journal.stop()
    }
  })

  t.test('a copy put back that is older than what was delivered from it is recognised', async t => {
    const dataDir = t.testdir()
    const before = await openJournal({ dataDir, log: recorder().log })
    await before.commit([put('log/CP-1/1')], true)
    await before.stop()
    await cp(join(dataDir, 'journal'), join(dataDir, 'backup'), { recursive: true })
    const delivering = await openJournal({ dataDir, log: recorder().log })
    t.equal(delivering.found.rolledBack, false)
    await delivering.commit([{ kind: 'delete', key: 'log/CP-1/1' }], true)
    await delivering.stop()
    await rm(join(dataDir, 'journal'), { recursive: true })
    await cp(join(dataDir, 'backup'), join(dataDir, 'journal'), { recursive: true })
    for (const isTold of [false, true]) {
      const restored = await openJournal({ dataDir, log: recorder().log })
      t.equal(restored.found.rolledBack, true, 'and is recognised again until somebody has it on the disk')
      if (isTold) await restored.found.told?.()
      await restored.stop()
    }
    const later = await openJournal({ dataDir, log: recorder().log })
    t.teardown(() => later.stop())
    t.same(later.found, { rolledBack: false })
  })

  t.test('what was found is said at each start until it was told, whatever became of its note', async t => {
    const dataDir = t.testdir()
    await filledJournal(dataDir)
    await onFirst(join(dataDir, 'journal'), /ldb$/, path => flip(path, 0.4))
    const opened = async (told: boolean) => {
      const journal = await openJournal({ dataDir, log: recorder().log })
      const { damage, told: tell } = journal.found
      if (told) await tell?.()
      await journal.stop()
      return damage
    }
    const first = await opened(false)
    t.ok((first?.lost ?? 0) + (first?.ranges.length ?? 0) > 0)
    t.equal(first?.copy, 'journal.damaged-0001')
    t.same(await opened(false), first)
    t.same(
      (await readdir(dataDir)).filter(name => name.startsWith('journal.d')),
      ['journal.damaged-0001'],
      'it is kept once',
    )
    await writeFile(join(dataDir, 'journal.found'), '{"dam')
    t.match(await opened(true), { lost: 0, keys: [], ranges: [] })
    t.equal(await opened(true), undefined)
  })

  t.test('killed while a copy is in its place, the journal is what it was before', async t => {
    const root = t.testdir()
    const live = join(root, 'live')
    const journal = await openJournal({ dataDir: live, log: recorder().log })
    for (let at = 10; at < 15; at++) await journal.commit([put(`log/CP-1/${at}`)], true)
    await cp(join(live, 'journal'), join(root, 'five'), { recursive: true })
    for (let at = 15; at < 30; at++) await journal.commit([put(`log/CP-1/${at}`)], true)
    await journal.stop()
    const folders = ['journal', 'journal.left', 'journal.again', 'journal.over', 'journal.before'] as const
    /** Which of them are there: all of it, or a copy that is older. */
    const kills: readonly (readonly ('all' | 'five' | undefined)[])[] = [
      ['all', undefined, 'five', undefined, 'five'],
      [undefined, 'all', 'five', undefined, 'five'],
      ['five', 'all', undefined, undefined, 'five'],
      [undefined, 'all', undefined, 'five', 'five'],
      ['all', undefined, undefined, 'five', 'five'],
    ]
    for (const [at, kill] of kills.entries()) {
      const dataDir = join(root, String(at))
      await cp(join(live, 'journal.mark'), join(dataDir, 'journal.mark'))
      for (const [place, folder] of folders.entries()) {
        const what = kill[place]
        const from = what === 'all' ? join(live, 'journal') : join(root, 'five')
        if (what !== undefined) await cp(from, join(dataDir, folder), { recursive: true })
      }
      const again = await openJournal({ dataDir, log: recorder().log })
      t.equal((await again.scan('log/', 'log0', 100)).length, 20, `kill ${at}`)
      t.equal(again.gapFound, false)
      await again.stop()
      t.same((await readdir(dataDir)).sort(), ['journal', 'journal.mark'])
    }
  })

  t.test('a copy that cannot be opened leaves what was opened, and nothing beside it', async t => {
    const dataDir = t.testdir()
    const journal = await openJournal({ dataDir, log: recorder().log })
    for (let at = 10; at < 15; at++) await journal.commit([put(`log/CP-1/${at}`)], true)
    await journal.stop()
    await cp(join(dataDir, 'journal'), join(dataDir, 'journal.before'), { recursive: true })
    await onFirst(join(dataDir, 'journal'), /\.log$/, path => rm(path))
    // the copy of the copy becomes the journal: that one attempt is refused by the disk
    let isSecond = false
    const real = ClassicLevel.prototype.open
    t.intercept(ClassicLevel.prototype, 'open', {
      value: function (this: ClassicLevel, ...given: readonly unknown[]) {
        const isCopy = existsSync(join(dataDir, 'journal.left'))
        if (!isCopy) return Reflect.apply(real, this, given)
        isSecond = true
        return Promise.reject(new Error('EIO'))
      },
    })
    const { events, log } = recorder()
    const again = await openJournal({ dataDir, log })
    t.ok(isSecond)
    t.ok(again.gapFound, 'what is missing is said')
    t.ok(events.includes('journal-copy-not-opened'))
    await again.commit([put('log/CP-1/20')], true)
    t.same(
      (await again.scan('log/', 'log0', 9)).map(({ key }) => key),
      ['log/CP-1/20'],
    )
    await again.stop()
    const files = (await readdir(dataDir)).sort()
    t.notOk(
      files.some(name => /left|again|over/.test(name)),
      files.join(' '),
    )
  })

  t.test('news nobody waits for is on the disk within 1 s', async t => {
    const journal = await openJournal({ dataDir: t.testdir(), log: recorder().log })
    t.teardown(() => journal.stop())
    const synced = new Promise<void>(done => {
      const real = ClassicLevel.prototype.batch
      t.intercept(ClassicLevel.prototype, 'batch', {
        value: function (this: unknown, ops: unknown, options?: { sync?: boolean }) {
          if (options?.sync === true && JSON.stringify(ops).includes('news')) done()
          return Reflect.apply(real, this, [ops, options])
        },
      })
    })
    const startMs = performance.now()
    await journal.commit([put('news')], false)
    await synced
    t.ok(performance.now() - startMs < 1000)
  })

  t.test(
    'where it cannot be opened all runs without, and starts again with it as soon as it can',
    async t => {
      const dataDir = t.testdir({ journal: 'a file is in the way' })
      const seen: (string | undefined)[] = []
      let again: (() => void) | undefined
      const restarted = new Promise<void>(done => {
        again = done
      })
      const running = await withJournal({ dataDir, log: recorder().log, tryAgainMs: 20 }, async opened => {
        seen.push(opened.fault === undefined ? 'journal' : 'none')
        if (opened.fault === undefined) again?.()
        else {
          await t.rejects(opened.journal.commit([put('a')], true))
          t.same(await opened.journal.scan('', '~', 10), [])
        }
        return { stop: async () => void seen.push('stop') }
      })
      await rm(join(dataDir, 'journal'))
      await restarted
      await running.stop()
      t.same(seen, ['none', 'stop', 'journal', 'stop'])
    },
  )

  t.test('a journal that is open elsewhere is refused by name', async t => {
    const dataDir = t.testdir()
    const journal = await openJournal({ dataDir, log: recorder().log })
    t.teardown(() => journal.stop())
    await t.rejects(openJournal({ dataDir, log: recorder().log }), { message: /in use by another process/ })
  })

  t.test('keys of its own and commits after stop are refused', async t => {
    const dataDir = t.testdir()
    await mkdir(dataDir, { recursive: true })
    const journal = await openJournal({ dataDir, log: recorder().log })
    await t.rejects(journal.commit([put('\u0000m0001')], true), { message: /own/ })
    await t.rejects(journal.commit([put('')], true), { message: /empty/ })
    const last = journal.commit([put('last')], true)
    await journal.stop()
    await last
    await journal.stop()
    await t.rejects(journal.commit([put('late')], true), { message: /stopped/ })
    await t.rejects(journal.scan('', '~', 1), { message: /stopped/ })
  })
  t.end()
})

async function damageLog(folder: string, place: number): Promise<void> {
  const name = (await readdir(folder)).find(found => found.endsWith('.log'))
  if (!name) throw new Error('the journal has no log file')
  const bytes = await readFile(join(folder, name))
  const at = Math.floor(bytes.length * place)
  bytes.fill(0, at, at + 40)
  await writeFile(join(folder, name), bytes)
}

async function onFirst(folder: string, pattern: RegExp, act: (path: string) => Promise<void>): Promise<void> {
  const name = (await readdir(folder)).filter(found => pattern.test(found)).sort()[0]
  if (name === undefined) throw new Error(`no ${pattern} in ${folder}`)
  await act(join(folder, name))
}

async function flip(path: string, place: number): Promise<void> {
  const bytes = await readFile(path)
  const at = Math.floor(bytes.length * place)
  bytes[at] = (bytes[at] ?? 0) ^ 0x40
  await writeFile(path, bytes)
}

async function halve(path: string): Promise<void> {
  await truncate(path, Math.floor((await stat(path)).size / 2))
}
