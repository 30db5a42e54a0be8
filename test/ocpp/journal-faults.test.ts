/**
 * The journal with a disk that fails, a CSMS that is ill and stations that drop: nothing acknowledged is lost, doubled or
 * out of order, and what waits is what lies on the disk. Proxy rules 8, 14, 15; invariants I2, I3, I9.
 */
import t, { type Test } from 'tap'
import { NOTHING_LEFT, remainsOf, standIn } from '../../src/adapters/journal-remains.js'
import { extentOf, NEWEST_CHARS } from '../../src/core/extent.js'
import { createBudget } from '../../src/core/offline/budget.js'
import { createCsmsHealth, isAboutContent, retryDelayMs } from '../../src/core/offline/delivery.js'
import { mayBeShed } from '../../src/core/offline/shedding.js'
import type { OcppEdge } from '../../src/ocpp/edge.js'
import { AnsweredMessages } from '../../src/ocpp/transactions/answered.js'
import { PAGE_BYTES } from '../../src/ocpp/transactions/shelf.js'
import { ReplayTurns } from '../../src/ocpp/transactions/turns.js'
import type { JournalEntry } from '../../src/ports.js'
import {
  Csms,
  connectStation,
  friendly,
  MemoryJournal,
  meter,
  type Peer,
  type Seen,
  siteOf,
  start,
  startEdge,
  stop,
} from './both-sides.js'
import { handClock } from './hand-clock.js'

const LOCAL = 1_500_000_000
const SPEED = 20
const OPEN = { AllowOfflineTxForUnknownId: true }

async function depot(t: Test, options: { offline?: object; speed?: number; extra?: object } = {}) {
  const probe = await Csms.listen()
  const { port: csmsPort } = probe
  await probe.stop()
  const journal = new MemoryJournal()
  const config = siteOf({ stations: ['CP-1'], csmsPort, offline: { ...OPEN, ...options.offline } })
  const run = async () => {
    const running = await startEdge(config, journal, options.speed ?? SPEED, options.extra)
    t.teardown(() => running.edge.stop())
    return running
  }
  const comeBack = async (onCall: (call: Seen) => string | undefined = friendly()): Promise<Csms> => {
    const csms = await Csms.listen(csmsPort)
    csms.onCall = onCall
    t.teardown(() => csms.stop())
    return csms
  }
  return { journal, run, comeBack }
}

const texts = (peer: Peer): string[] =>
  peer.calls.filter(({ action }) => /Transaction|MeterValues/.test(action)).map(({ text }) => text)
const minute = (count: number): string => new Date(Date.UTC(2026, 0, 1, 10, count)).toISOString()

/** The station is served again and again until nothing waits. */
async function drained(station: Peer, edge: OcppEdge): Promise<void> {
  const isOver = (): boolean => edge.backlog().every(({ waiting, isSure }) => waiting === 0 && isSure)
  while (!isOver()) await station.call('Heartbeat', '{}')
}

/** As a station does it: what is not answered is sent again, up to so often. Undefined when it never was. */
async function insisting(
  { station, edge }: { station: Peer; edge: OcppEdge },
  call: readonly [action: string, payload: string],
  attempts = 1000,
): Promise<string | undefined> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = edge.counters.leftUnanswered
    let answer: string | undefined
    const answered = station.call(call[0], call[1]).then(text => {
      answer = text
    })
    while (answer === undefined && edge.counters.leftUnanswered === before)
      await Promise.race([answered, station.call('Heartbeat', '{}')])
    if (answer !== undefined) return answer
  }
  return undefined
}

/** Waits until the disk has been asked so many times more what is there of the station. */
function looksAt(journal: MemoryJournal): (count: number) => Promise<void> {
  const scan = journal.scan.bind(journal)
  let [looks, wanted, seen] = [0, 0, () => {}]
  journal.scan = (from, to, limit) => {
    if (from.startsWith('log/') && ++looks >= wanted) seen()
    return scan(from, to, limit)
  }
  return count =>
    new Promise(done => {
      wanted = looks + count
      seen = done
    })
}

t.test('a disk that fails', async t => {
  for (const kind of ['nothing', 'whole'] as const) {
    t.test(
      `each write of a replay fails once, ${kind} of it on the disk: all up once, in order, none left`,
      async t => {
        const { journal, run, comeBack } = await depot(t)
        const { edge } = await run()
        const station = await connectStation(edge.port, 'CP-1')
        await station.call('StartTransaction', start())
        const values = Array.from({ length: 12 }, (_, at) => meter(LOCAL, String(at), minute(at)))
        for (const value of values) t.equal(await station.call('MeterValues', value), '{}')
        await station.call('StopTransaction', stop(LOCAL))
        const from = journal.commits
        journal.fails = number => ((number - from) % 2 === 1 ? kind : undefined)
        const upstream = await (await comeBack(friendly(42))).station('CP-1')
        await drained(station, edge)
        t.same(texts(upstream), [start(), ...values.map(text => text.replace(String(LOCAL), '42')), stop(42)])
        t.equal([...journal.entries.keys()].filter(key => key.startsWith('log/')).length, 0)
      },
    )
  }

  t.test('while crossing off fails nothing more goes up; it goes on by itself', async t => {
    const { journal, run, comeBack } = await depot(t)
    const { edge } = await run()
    const station = await connectStation(edge.port, 'CP-1')
    await station.call('StartTransaction', start())
    await station.call('MeterValues', meter(LOCAL, '1'))
    await station.call('StopTransaction', stop(LOCAL))
    t.equal(edge.waitingMessages(), 3)
    journal.fails = (_, ops) => (ops.some(({ kind }) => kind === 'delete') ? 'nothing' : undefined)
    const upstream = await (await comeBack(friendly(42))).station('CP-1')
    await upstream.next('StartTransaction')
    for (let at = 0; at < 50; at++) await station.call('Heartbeat', '{}')
    t.same(texts(upstream), [start()])
    t.equal(edge.waitingMessages(), 2, 'neither negative nor what has been delivered')
    journal.fails = undefined
    await drained(station, edge)
    t.same(texts(upstream), [start(), meter(42, '1'), stop(42)])
  })

  t.test('with the CSMS there its answer is passed on, and the same message goes up once', async t => {
    const { journal, run, comeBack } = await depot(t)
    const csms = await comeBack(friendly(42))
    const { edge } = await run()
    const station = await connectStation(edge.port, 'CP-1')
    const upstream = await csms.station('CP-1')
    await station.call('Heartbeat', '{}')
    journal.isBroken = true
    t.match(await station.call('StartTransaction', start()), /"transactionId":42/)
    t.match(await station.call('StartTransaction', start()), /"transactionId":42/)
    t.equal(await station.call('MeterValues', meter(42, '1')), '{}')
    for (let repeat = 0; repeat < 5; repeat++) t.equal(await station.call('StopTransaction', stop(42)), '{}')
    t.same(texts(upstream), [start(), meter(42, '1'), stop(42)])
  })

  t.test('what could not be written is not acknowledged, and goes up once when it is sent again', async t => {
    const { journal, run, comeBack } = await depot(t)
    const { edge } = await run()
    const station = await connectStation(edge.port, 'CP-1')
    await station.call('StartTransaction', start())
    journal.fails = (_, ops) => (ops.some(({ key }) => key.startsWith('log/')) ? 'whole' : undefined)
    let answers = 0
    void station.call('StopTransaction', stop(LOCAL)).then(() => answers++)
    await station.call('Heartbeat', '{}')
    t.equal(answers, 0)
    journal.fails = undefined
    t.equal(await station.call('StopTransaction', stop(LOCAL)), '{}')
    const upstream = await (await comeBack(friendly(42))).station('CP-1')
    await drained(station, edge)
    t.same(texts(upstream), [start(), stop(42)])
  })

  t.test('a Stop that its station gives up while the disk takes nothing is kept until it does', async t => {
    const { journal, run, comeBack } = await depot(t)
    const { edge, event } = await run()
    let station = await connectStation(edge.port, 'CP-1')
    await station.call('StartTransaction', start())
    const looks = looksAt(journal)
    journal.isBroken = true
    void station.call('StopTransaction', stop(LOCAL))
    await looks(2)
    const gone = event('gone')
    station.socket.terminate()
    await gone
    await looks(2)
    t.equal(edge.waitingMessages(), 1, 'on the disk is the Start alone')
    journal.isBroken = false
    while (edge.waitingMessages() < 2) await new Promise(setImmediate)
    const upstream = await (await comeBack(friendly(42))).station('CP-1')
    await upstream.next('StopTransaction')
    station = await connectStation(edge.port, 'CP-1')
    await drained(station, edge)
    t.equal(await station.call('StopTransaction', stop(LOCAL)), '{}', 'known, should it come after all')
    t.same(texts(upstream), [start(), stop(42)])
  })

  t.test('it goes to a CSMS that is there before the disk is, over a cut and an error, once', async t => {
    const { journal, run, comeBack } = await depot(t)
    const { edge, event } = await run()
    const station = await connectStation(edge.port, 'CP-1')
    const before = await comeBack(friendly(42))
    await before.station('CP-1')
    await station.call('Heartbeat', '{}')
    t.match(await station.call('StartTransaction', start()), /"transactionId":42/)
    const away = event('upstream')
    await before.stop()
    await away
    const looks = looksAt(journal)
    journal.isBroken = true
    void station.call('StopTransaction', stop(42))
    await looks(2)
    const csms = await comeBack(call => (call.action === 'StopTransaction' ? undefined : friendly()(call)))
    const first = await csms.station('CP-1')
    await first.next('StopTransaction')
    first.socket.terminate()
    await first.closed
    const upstream = await csms.station('CP-1')
    upstream.refuse((await upstream.next('StopTransaction')).id, 'InternalError')
    upstream.answer((await upstream.next('StopTransaction')).id, '{}')
    journal.isBroken = false
    await drained(station, edge)
    t.equal(await station.call('StopTransaction', stop(42)), '{}')
    t.same(texts(upstream), [stop(42), stop(42)], 'the refused one and the one that was taken')
    t.same(
      [...journal.entries.keys()].filter(key => key.startsWith('log/')),
      [],
    )
  })

  t.test('a message that is still being written for an attempt before is not acknowledged by it', async t => {
    const { journal, run, comeBack } = await depot(t)
    const { edge, event } = await run()
    let station = await connectStation(edge.port, 'CP-1')
    await station.call('StartTransaction', start())
    const commit = journal.commit.bind(journal)
    let fail: (() => void) | undefined
    const isHanging = new Promise<void>(hangs => {
      journal.commit = ops => {
        if (fail !== undefined || !ops.some(({ key }) => key.startsWith('log/'))) return commit(ops)
        return new Promise((_, failed) => {
          fail = () => failed(new Error('EIO'))
          hangs()
        })
      }
    })
    void station.call('StopTransaction', stop(LOCAL))
    await isHanging
    const gone = event('gone')
    station.socket.terminate()
    await gone
    station = await connectStation(edge.port, 'CP-1')
    t.equal(await station.call('StopTransaction', stop(LOCAL)), '{}')
    t.equal([...journal.entries.keys()].filter(key => key.startsWith('log/')).length, 2)
    fail?.()
    const upstream = await (await comeBack(friendly(42))).station('CP-1')
    await drained(station, edge)
    t.same(texts(upstream), [start(), stop(42)])
  })

  t.test('messages no disk can be asked about fill the memory only so far, and a Stop is kept', async t => {
    const { journal, run, comeBack } = await depot(t)
    const { edge } = await run()
    const station = await connectStation(edge.port, 'CP-1')
    await station.call('StartTransaction', start())
    const scan = journal.scan.bind(journal)
    journal.isBroken = true
    journal.scan = () => Promise.reject(new Error('EIO'))
    const long = 'x'.repeat(10_000)
    for (let at = 0; at < 100; at++)
      void station.call(
        'MeterValues',
        meter(LOCAL, String(at), minute(at)).replace('{', `{"note":"${long}",`),
      )
    void station.call('StopTransaction', stop(LOCAL))
    await station.call('Heartbeat', '{}')
    t.ok(edge.counters.leftUnanswered >= 70, `${edge.counters.leftUnanswered} of 100 are not held`)
    journal.scan = scan
    journal.isBroken = false
    const upstream = await (await comeBack(friendly(42))).station('CP-1')
    await upstream.next('StopTransaction')
    t.same(texts(upstream), [start(), stop(42)])
  })

  t.test('dead letters put back by a write that failed and is there all the same go up', async t => {
    const { journal, run, comeBack } = await depot(t, { speed: 100 })
    const { edge } = await run()
    const station = await connectStation(edge.port, 'CP-1')
    await station.call('StartTransaction', start())
    await station.call('StopTransaction', stop(LOCAL))
    let isStrict = true
    const csms = await comeBack(call =>
      isStrict && call.action === 'StartTransaction' ? undefined : friendly(42)(call),
    )
    const upstream = await csms.station('CP-1')
    while (edge.counters.deadLetters < 2)
      await Promise.race([
        upstream.next('StartTransaction').then(({ id }) => upstream.refuse(id, 'FormationViolation')),
        station.call('Heartbeat', '{}'),
      ])
    isStrict = false
    const [dead] = await edge.deadLetters()
    const sent = texts(upstream).length
    journal.fails = (_, ops) => (ops.some(({ key }) => key.startsWith('log/')) ? 'whole' : undefined)
    t.equal(await edge.resend('CP-1', dead?.seq ?? 0, 'whole'), 2)
    journal.fails = undefined
    await drained(station, edge)
    t.same(texts(upstream).slice(sent), [start(), stop(42)])
    t.same(await edge.deadLetters(), [])
  })
})

t.test('a journal that cannot be opened', async t => {
  for (const isReadable of [true, false]) {
    const name = isReadable ? 'its sessions known' : 'nothing of it known'
    t.test(`a session whose Start may lie there waits for it, whole and in order (${name})`, async t => {
      const { journal, run, comeBack } = await depot(t)
      const before = await run()
      const first = await connectStation(before.edge.port, 'CP-1')
      await first.call('StartTransaction', start())
      t.equal(await first.call('MeterValues', meter(LOCAL, '1', minute(1))), '{}')
      await before.edge.stop()

      const answers = friendly()
      const seen: string[] = []
      const csms = await comeBack(call => {
        if (/Transaction|MeterValues/.test(call.action)) seen.push(call.text)
        return answers(call)
      })
      const config = siteOf({ stations: ['CP-1'], csmsPort: csms.port, offline: OPEN })
      const hold = { replayHold: () => 'EIO', hasJournal: false }
      const remains = isReadable ? await remainsOf(journal) : NOTHING_LEFT
      const without = await startEdge(config, standIn('EIO', remains), SPEED, hold)
      t.teardown(() => without.edge.stop())
      const station = await connectStation(without.edge.port, 'CP-1')
      const told = insisting(
        { station, edge: without.edge },
        ['MeterValues', meter(LOCAL, '2', minute(2))],
        3,
      )
      t.equal(await told, undefined, 'its values are not acknowledged')
      const ended = insisting({ station, edge: without.edge }, ['StopTransaction', stop(LOCAL)], 3)
      t.equal(await ended, undefined, 'nor is its Stop')
      t.same(seen, [], 'and the CSMS is told nothing by an id that it never gave')
      const others = [
        ['MeterValues', meter(12, '1', minute(3))],
        ['StartTransaction', start('TAG2', 2)],
      ] as const
      for (const call of others) {
        let answer: string | undefined
        const answered = station.call(call[0], call[1]).then(text => {
          answer = text
        })
        if (!isReadable) await answered
        for (let beat = 0; beat < 5; beat++) await station.call('Heartbeat', '{}')
        t.equal(answer !== undefined, !isReadable, 'others pass where nothing is known to wait before them')
      }
      t.equal(seen.length, isReadable ? 0 : 2)
      seen.length = 0
      await without.edge.stop()

      const { edge } = await run()
      const back = await connectStation(edge.port, 'CP-1')
      t.equal(await back.call('MeterValues', meter(LOCAL, '2', minute(2))), '{}')
      t.equal(await back.call('StopTransaction', stop(LOCAL)), '{}')
      await drained(back, edge)
      const id = /"transactionId":(\d+)/.exec(seen[1] ?? '')?.[1]
      t.same(
        seen.map(text => text.replace(`"transactionId":${id}`, '"transactionId":0')),
        [start(), meter(0, '1', minute(1)), meter(0, '2', minute(2)), stop(0)],
        'the session goes up once, in its order, by the id of the CSMS',
      )
      t.not(id, String(LOCAL))
    })
  }
})

t.test('what remains of a journal is told in the order of its keys, each once', async t => {
  const journal = new MemoryJournal()
  const keys = ['a/1', 'log/CP-1/0001', 'log/CP-1/0002', 'log/CP-2/0001', 'z/1']
  for (const key of keys) journal.entries.set(key, key)
  const left = standIn('EIO', await remainsOf(journal))
  const told = async (from: string, to: string) => (await left.scan(from, to, 10)).map(({ key }) => key)
  t.same(await told('', '~'), ['a/1', 'log/CP-1/0001', 'log/CP-2/0001', 'z/1'], 'of what waits the heads')
  t.same(await left.extent('log/CP-1/', 'log/CP-10', 8), await journal.extent('log/CP-1/', 'log/CP-10', 8))
  t.equal((await left.extent('log/CP-1/', 'log/CP-1/0002', 8)).count, 1)
  await t.rejects(left.scan('log/CP-1/0001', 'log/CP-10', 10), { message: 'EIO' })
  t.same(await told('log/CP-3/', 'log/CP-30'), [], 'nothing waits of this one')
})

t.test('a CSMS that is ill', async t => {
  t.test(
    'the answer to an earlier attempt completes the Start; that to the later one is dropped',
    async t => {
      const { run, comeBack } = await depot(t, { speed: 60 })
      const { edge } = await run()
      const station = await connectStation(edge.port, 'CP-1')
      await station.call('StartTransaction', start())
      await station.call('StopTransaction', stop(LOCAL))
      const csms = await comeBack(call => (call.action === 'StartTransaction' ? undefined : friendly()(call)))
      const upstream = await csms.station('CP-1')
      const first = await upstream.next('StartTransaction')
      // after 120 s its slot was given up
      const second = await upstream.next('StartTransaction')
      upstream.answer(first.id, '{"transactionId":9,"idTagInfo":{"status":"Accepted"}}')
      upstream.answer(second.id, '{"transactionId":10,"idTagInfo":{"status":"Accepted"}}')
      t.equal((await upstream.next('StopTransaction')).text, stop(9))
      t.match(edge.counters, { lateAnswers: 1, doubledAnswers: 1 })
    },
  )

  t.test('only an error about the content is a refusal; waits grow to 15 minutes', t => {
    t.ok(isAboutContent('FormationViolation') && isAboutContent('OccurenceConstraintViolation'))
    for (const code of ['InternalError', 'GenericError', 'NotImplemented', 'SecurityError'] as const)
      t.notOk(isAboutContent(code), code)
    t.same(
      [1, 2, 3, 8, 500].map(failures => retryDelayMs(failures, 'error', 1) / 1000),
      [10, 20, 40, 900, 900],
    )
    t.equal(retryDelayMs(1, 'silence', 1), 60_000)
    t.end()
  })

  t.test('errors for many stations are the CSMS, for one they are the message', t => {
    const health = createCsmsHealth()
    for (const station of ['A', 'B']) health.noteFailed(station, 0)
    t.equal(health.isSick(0), false, 'two may both be at fault')
    health.noteFailed('C', 1_000)
    t.equal(health.isSick(2_000), true)
    for (const station of ['D', 'E', 'F']) health.noteAnswered(station, 3_000)
    t.equal(health.isSick(4_000), false, 'others are answered')
    t.equal(health.isSick(60 * 60_000), false, 'long ago says nothing')
    t.end()
  })
})

t.test('a station that drops', async t => {
  t.test('the CALL of the journal is finished first: its Start goes up once', async t => {
    const { run, comeBack } = await depot(t)
    const { edge, event } = await run()
    let station = await connectStation(edge.port, 'CP-1')
    await station.call('StartTransaction', start())
    const csms = await comeBack(call => (call.action === 'StartTransaction' ? undefined : friendly()(call)))
    const upstream = await csms.station('CP-1')
    const open = await upstream.next('StartTransaction')
    const gone = event('gone')
    station.socket.terminate()
    await gone
    station = await connectStation(edge.port, 'CP-1')
    upstream.answer(open.id, '{"transactionId":5,"idTagInfo":{"status":"Accepted"}}')
    await station.call('StopTransaction', stop(LOCAL))
    await drained(station, edge)
    const starts = csms.paths.length
    t.equal(starts, 1, 'over one socket')
    t.equal(upstream.calls.filter(({ action }) => action === 'StartTransaction').length, 1)
  })

  for (const { action, text } of [
    { action: 'MeterValues', text: meter(1, '1') },
    { action: 'StopTransaction', text: stop(1) },
  ])
    t.test(`${action} that was answered after its station had gone goes up once`, async t => {
      const { run, comeBack } = await depot(t)
      const csms = await comeBack(call => (call.action === action ? undefined : friendly(1)(call)))
      const { edge, event } = await run()
      let station = await connectStation(edge.port, 'CP-1')
      const upstream = await csms.station('CP-1')
      await station.call('Heartbeat', '{}')
      await station.call('StartTransaction', start())
      void station.call(action, text)
      const open = await upstream.next(action)
      const gone = event('gone')
      station.socket.terminate()
      await gone
      station = await connectStation(edge.port, 'CP-1')
      upstream.answer(open.id, '{"transactionId":1}')
      await station.call('Heartbeat', '{}')
      t.equal(await station.call(action, text), '{"transactionId":1}', 'the answer of the CSMS')
      t.same(texts(upstream), [start(), text])
    })

  t.test('what it repeats after a restart of Busbar is known, though it was delivered', async t => {
    const { run, comeBack } = await depot(t)
    const first = await run()
    let station = await connectStation(first.edge.port, 'CP-1')
    const told = await station.call('StartTransaction', start())
    await station.call('StopTransaction', stop(LOCAL))
    const csms = await comeBack(friendly(5))
    const upstream = await csms.station('CP-1')
    await upstream.next('StopTransaction')
    await drained(station, first.edge)
    await first.edge.stop()
    const { edge } = await run()
    station = await connectStation(edge.port, 'CP-1')
    const again = await csms.station('CP-1')
    t.equal(await station.call('StopTransaction', stop(LOCAL)), '{}')
    t.equal(await station.call('StartTransaction', start()), told)
    t.notOk(again.calls.some(({ action }) => /Transaction/.test(action)))
  })
})

t.test('too much waits', async t => {
  const signed = meter(LOCAL, '77').replace('"value":"77"', '"value":"OCMF","format":"SignedData"')
  const edges = meter(LOCAL, '1').replace('"value"', '"context":"Transaction.Begin","value"')

  t.test('only periodic values that are not signed may be given up', t => {
    const may = (text: string) => mayBeShed('MeterValues', JSON.parse(text))
    t.equal(may(meter(LOCAL, '1')), true)
    t.equal(may(signed), false)
    t.equal(may(edges), false)
    t.equal(mayBeShed('MeterValues', {}), false)
    t.equal(mayBeShed('StopTransaction', JSON.parse(stop(LOCAL))), false)
    t.end()
  })

  t.test('the reserve is for what must not be lost', t => {
    const budget = createBudget({ stationBytes: 1000, siteBytes: 3000 })
    budget.set('A', 999)
    t.equal(budget.room('A'), 'free')
    budget.set('A', 1000)
    t.equal(budget.room('A'), 'tight')
    t.equal(budget.room('B'), 'free')
    budget.set('A', 1063)
    t.equal(budget.room('A'), 'reserve')
    budget.set('A', 1125)
    t.equal(budget.room('A'), 'exhausted')
    budget.set('B', 2400)
    t.equal(budget.room('C'), 'exhausted', 'the site has its own bound')
    budget.set('B', 0)
    budget.set('A', 0)
    t.equal(budget.room('A'), 'free')
    t.equal(budget.bytes(), 0)
    t.end()
  })

  t.test('of 200 stations that drain side by side 32 send in each turn, in their order, each once', t => {
    const clock = handClock()
    const turns = new ReplayTurns(clock)
    const sent: number[] = []
    for (let station = 0; station < 200; station++) turns.join(() => sent.push(station))
    t.equal(sent.length, 32)
    clock.advance(1)
    t.equal(sent.length, 64)
    turns.join(() => sent.push(200))
    clock.advance(20)
    t.same(
      sent,
      Array.from({ length: 201 }, (_, station) => station),
    )
    clock.advance(1)
    for (let station = 0; station < 40; station++) turns.join(() => sent.push(station))
    turns.stop()
    clock.advance(10)
    t.equal(sent.length, 233, 'nobody sends after the end')
    t.end()
  })

  t.test('a message answered by an earlier version is known again', t => {
    const answerText = '{"idTagInfo":{"status":"Accepted"}}'
    const kept = { number: 3, digest: 'z-114wyyg-d3l7w1-1cmal2u-5j5ha', answerText }
    const answered = new AnsweredMessages('CP-1', [kept])
    t.equal(answered.find('StopTransaction', '{"transactionId":7}'), answerText)
    t.equal(answered.find('StopTransaction', '{"transactionId":8}'), undefined)
    t.end()
  })

  t.test('the oldest periodic values are thinned and counted; Start, Stop and signed ones go up', async t => {
    const bounds = { stationBytes: 40_000, siteBytes: 400_000 }
    const { run, comeBack } = await depot(t, { extra: { bounds } })
    const { edge } = await run()
    const station = await connectStation(edge.port, 'CP-1')
    await station.call('StartTransaction', start())
    t.equal(await station.call('MeterValues', signed), '{}')
    for (let at = 0; at < 400; at++)
      t.equal(await station.call('MeterValues', meter(LOCAL, String(at), minute(at + 10))), '{}')
    await station.call('StopTransaction', stop(LOCAL))
    const shed = edge.counters.shedMeterValues
    t.ok(shed > 0, `${shed} shed`)
    t.equal(edge.waitingMessages() + shed, 403)
    t.match(edge.backlog(), [{ stationId: 'CP-1', shed: { count: shed } }])
    t.ok((edge.backlog()[0]?.bytes ?? 0) < 45_000)
    const upstream = await (await comeBack(friendly(42))).station('CP-1')
    await drained(station, edge)
    t.equal(upstream.calls.filter(({ action }) => /Transaction|MeterValues/.test(action)).length, 403 - shed)
    t.ok(texts(upstream).includes(signed.replace(String(LOCAL), '42')))
    t.equal(texts(upstream).at(-1), stop(42))
  })

  for (const kind of ['nothing', 'whole'] as const)
    t.test(`a thinning whose write fails, ${kind} of it on the disk, counts what is gone`, async t => {
      const bounds = { stationBytes: 20_000, siteBytes: 400_000 }
      const { journal, run, comeBack } = await depot(t, { extra: { bounds } })
      const { edge } = await run()
      const station = await connectStation(edge.port, 'CP-1')
      await station.call('StartTransaction', start())
      let hasFailed = false
      journal.fails = (_, ops) => {
        if (hasFailed || !ops.some(({ kind, key }) => kind === 'delete' && key.startsWith('log/')))
          return undefined
        hasFailed = true
        return kind
      }
      for (let at = 0; at < 150; at++)
        t.equal(
          await insisting({ station, edge }, ['MeterValues', meter(LOCAL, String(at), minute(at + 10))]),
          '{}',
        )
      await insisting({ station, edge }, ['StopTransaction', stop(LOCAL)])
      t.ok(hasFailed)
      const upstream = await (await comeBack(friendly(42))).station('CP-1')
      await drained(station, edge)
      const { shedMeterValues } = edge.counters
      t.match(edge.backlog(), [{ shed: { count: shedMeterValues } }])
      t.equal(texts(upstream).length + shedMeterValues, 152)
    })

  t.test(
    'while thinning fails periodic values stay unanswered, and the reserve is left to the Stop',
    async t => {
      const bounds = { stationBytes: 20_000, siteBytes: 400_000 }
      const { journal, run, comeBack } = await depot(t, { extra: { bounds } })
      const { edge } = await run()
      const station = await connectStation(edge.port, 'CP-1')
      await station.call('StartTransaction', start())
      journal.fails = (_, ops) =>
        ops.some(({ kind, key }) => kind === 'delete' && key.startsWith('log/')) ? 'nothing' : undefined
      let taken = 0
      const next = () => ['MeterValues', meter(LOCAL, String(taken), minute(taken + 10))] as const
      while ((await insisting({ station, edge }, next(), 3)) === '{}') taken++
      t.ok(taken > 20, `${taken} taken`)
      t.equal(await insisting({ station, edge }, ['StopTransaction', stop(LOCAL)], 1), '{}')
      t.equal(edge.counters.shedMeterValues, 0)
      journal.fails = undefined
      const upstream = await (await comeBack(friendly(42))).station('CP-1')
      await drained(station, edge)
      const { shedMeterValues } = edge.counters
      t.equal(texts(upstream).length + shedMeterValues, taken + 2)
      t.equal(texts(upstream).at(-1), stop(42))
    },
  )

  t.test(
    'a run keeps a page of it in memory, and a start reads no more than that, whatever waits',
    async t => {
      let seed = 5
      const dice = (sides: number): number => {
        seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
        return Math.floor((seed / 2 ** 31) * sides)
      }
      for (const largest of [300, 20_000, 60_000]) {
        const { journal, run, comeBack } = await depot(t, { speed: 5 })
        /** Of waiting messages and dead letters, handed out by the journal at once and in all. */
        const read = { most: 0, all: 0 }
        const note = (entries: readonly JournalEntry[]): void => {
          const waiting = entries.filter(({ key }) => /^(log|dead)\//.test(key))
          const chars = waiting.reduce((sum, { value }) => sum + value.length, 0)
          read.most = Math.max(read.most, chars)
          read.all += chars
        }
        const scan = journal.scan.bind(journal)
        journal.extent = async (from, to, last) => {
          const extent = extentOf(await scan(from, to, journal.entries.size), last)
          note([...(extent.first === undefined ? [] : [extent.first]), ...extent.last])
          return extent
        }
        journal.scan = async (from, to, limit) => {
          const found = await scan(from, to, limit)
          note(found)
          return found
        }
        const first = await run()
        const station = await connectStation(first.edge.port, 'CP-1')
        await station.call('StartTransaction', start())
        let total = 0
        const say = async (from: number): Promise<void> => {
          total = 0
          for (let at = from; at < from + 30; at++) {
            const padding = ' '.repeat(at === from ? largest : dice(largest))
            const payloadText = meter(LOCAL, '1', minute(at)).replace('{', `{${padding}`)
            total += payloadText.length
            t.equal(await station.call('MeterValues', payloadText), '{}')
          }
          Object.assign(read, { most: 0, all: 0 })
        }
        await say(1)
        const page = PAGE_BYTES + largest
        const csms = await comeBack()
        const upstream = await csms.station('CP-1')
        await drained(station, first.edge)
        t.equal(texts(upstream).length, 31)
        t.ok(total - read.all <= page, `${largest}: ${total - read.all} of ${total} were in memory`)
        t.ok(read.most <= page + largest, `${largest}: ${read.most} read at once`)
        const away = first.event('upstream')
        await csms.stop()
        await away
        await say(31)
        await first.edge.stop()
        const { edge } = await run()
        t.equal(edge.waitingMessages(), 30)
        t.ok(
          read.all <= NEWEST_CHARS + 3 * largest + 2_000,
          `${largest}: a start reads ${read.all} of ${total}`,
        )
        await edge.stop()
      }
    },
  )

  t.test('with the reserve used up nothing is acknowledged and nobody may begin', async t => {
    const bounds = { stationBytes: 2_000, siteBytes: 400_000 }
    const { run } = await depot(t, { extra: { bounds } })
    const { edge } = await run()
    const station = await connectStation(edge.port, 'CP-1')
    await station.call('StartTransaction', start())
    let answers = 0
    for (let at = 0; at < 10; at++)
      void station.call('MeterValues', signed.replace('10:01', `10:${at + 10}`)).then(() => answers++)
    t.match(await station.call('Authorize', '{"idTag":"NEW"}'), /"Invalid"/)
    t.ok(answers > 2 && answers < 10, `${answers} of 10 acknowledged`)
    t.ok(edge.counters.leftUnanswered > 0)
    t.equal(edge.waitingMessages(), 1 + answers)
  })
})

t.test('what waits for a station that is not there', async t => {
  t.test('is not sent without the password it passes through, and is once it comes', async t => {
    const { run, comeBack } = await depot(t)
    const there = await comeBack(friendly(3))
    const first = await run()
    const station = await connectStation(first.edge.port, 'CP-1', 'its-own-secret')
    const link = await there.station('CP-1')
    await station.call('Heartbeat', '{}')
    await there.stop()
    await link.closed
    await station.call('StartTransaction', start())
    await first.edge.stop()
    const csms = await comeBack(friendly(3))
    const { edge } = await run()
    t.equal(edge.waitingMessages(), 1)
    await connectStation(edge.port, 'CP-1', 'its-own-secret')
    const upstream = await csms.station('CP-1')
    t.equal((await upstream.next('StartTransaction')).text, start())
    t.ok(csms.headers.length > 0 && csms.headers.every(header => header !== undefined))
  })

  t.test('is counted and shown where the station is no longer configured', async t => {
    const journal = new MemoryJournal()
    const config = siteOf({ stations: ['CP-1'], csmsPort: 9, offline: OPEN })
    const before = await startEdge(config, journal, SPEED)
    const station = await connectStation(before.edge.port, 'CP-1')
    await station.call('StartTransaction', start())
    await before.edge.stop()
    const { edge } = await startEdge(
      siteOf({ stations: ['CP-2'], csmsPort: 9, offline: OPEN }),
      journal,
      SPEED,
    )
    t.teardown(() => edge.stop())
    t.equal(edge.waitingMessages(), 1)
    t.match(edge.backlog(), [{ stationId: 'CP-2' }, { stationId: 'CP-1', isConfigured: false, waiting: 1 }])
  })

  t.test('is held in a journal of another site, while live messages pass', async t => {
    let hold: string | undefined = 'of another site'
    const { run, comeBack } = await depot(t, { extra: { replayHold: () => hold } })
    const { edge } = await run()
    const station = await connectStation(edge.port, 'CP-1')
    await station.call('StartTransaction', start())
    const csms = await comeBack(friendly(3))
    const upstream = await csms.station('CP-1')
    for (let at = 0; at < 30; at++) await station.call('Heartbeat', '{}')
    t.same(texts(upstream), [])
    t.equal(edge.waitingMessages(), 1)
    hold = undefined
    edge.drain()
    await drained(station, edge)
    t.same(texts(upstream), [start()])
  })
})
