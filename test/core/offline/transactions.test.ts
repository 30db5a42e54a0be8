import fc from 'fast-check'
import t from 'tap'
import { MAX_FINISHED, MAX_OPEN } from '../../../src/core/offline/station-records.js'
import {
  createTransactionBook,
  FIRST_LOCAL_ID,
  LAST_LOCAL_ID,
  type StartFacts,
  type TransactionRecord,
} from '../../../src/core/offline/transactions.js'
import { WorkCounter } from '../../ocpp/fixtures/work.js'

const facts = (connectorId = 1, at = '2026-01-01T00:00:00Z', idTag = 'TAG'): StartFacts => ({
  connectorId,
  idTag,
  meterStartWh: 0,
  timestamp: at,
})

t.test('ids of the station', async t => {
  const cases: readonly {
    readonly csmsId: number | undefined
    readonly kept: boolean
    readonly why: string
  }[] = [
    { csmsId: 1, kept: true, why: 'positive and free' },
    { csmsId: 2_147_483_647, kept: true, why: 'the largest 32-bit id' },
    { csmsId: 7, kept: false, why: 'in use at another station' },
    { csmsId: 0, kept: false, why: 'zero is "none" to many stations' },
    { csmsId: -5, kept: false, why: 'negative' },
    { csmsId: 2_147_483_648, kept: false, why: 'beyond 32 bits' },
    { csmsId: 1.5, kept: false, why: 'not whole' },
    { csmsId: undefined, kept: false, why: 'the CSMS has not answered' },
  ]
  for (const { csmsId, kept, why } of cases) {
    const book = createTransactionBook([], undefined)
    book.begin('other', facts(), 7)
    const { transactionId } = book.begin('CP-1', facts(), csmsId)
    t.equal(transactionId, kept ? csmsId : FIRST_LOCAL_ID, `${csmsId}: ${why}`)
  }
})

t.test('the local block wraps below 2^31 and steps over live ids', async t => {
  const book = createTransactionBook([], LAST_LOCAL_ID)
  book.begin('CP-1', facts(1), FIRST_LOCAL_ID)
  t.equal(book.begin('CP-1', facts(2), undefined).transactionId, LAST_LOCAL_ID)
  t.equal(book.begin('CP-1', facts(3), undefined).transactionId, FIRST_LOCAL_ID + 1)
})

t.test('an id that matches nothing is never guessed; -1 is what was never told', async t => {
  const book = createTransactionBook([], undefined)
  const one = book.begin('CP-1', facts(1), 11)
  const two = book.begin('CP-1', facts(2), 12)
  t.equal(book.resolve('CP-1', 12)?.transactionId, 12)
  t.equal(book.resolve('CP-1', -1, 2)?.transactionId, 12, 'a sample without id, by its connector')
  t.equal(book.resolve('CP-1', -1, 3), undefined)
  t.equal(book.resolve('CP-1', 999, 1), undefined)
  t.equal(book.resolve('CP-1', 999), undefined)
  t.equal(book.resolve('CP-1', -1), undefined, 'which of two that were told nothing')
  book.put({ ...one, confText: '{"transactionId":11}' })
  t.equal(book.resolve('CP-1', -1)?.transactionId, two.transactionId, 'the only one that was told nothing')
  book.put({ ...two, confText: '{"transactionId":12}' })
  t.equal(book.resolve('CP-1', -1), undefined, 'both know their ids')
  t.equal(book.resolve('CP-2', 11), undefined, 'never that of another station')
})

t.test('the same Start is known again until both sides know its end', async t => {
  const book = createTransactionBook([], undefined)
  const record = book.begin('CP-1', facts(), 5)
  t.equal(book.sameStart('CP-1', facts())?.transactionId, 5)
  t.equal(book.sameStart('CP-2', facts()), undefined)
  t.equal(book.sameStart('CP-1', facts(1, '2026-01-01T00:00:01Z')), undefined)
  book.put({ ...record, state: 'finished' })
  t.equal(book.sameStart('CP-1', facts()), undefined)
})

t.test('a station that never ends a session is bounded, and its messages do not become dearer', async t => {
  const book = createTransactionBook([], undefined)
  const counter = await WorkCounter.start()
  t.teardown(() => counter.stop())
  const sessions = (from: number): void => {
    for (let n = from; n < from + 2_000; n++) {
      const record = book.begin('CP-1', facts(n, `T${n}`), n + 1)
      for (const old of book.surplus('CP-1')) book.put({ ...old, state: 'finished' })
      book.openOn('CP-1', n)
      book.sameStart('CP-1', facts(n, `T${n}`))
      book.byCsmsId('CP-1', record.transactionId)
    }
  }
  const run = (from: number) => counter.of(() => sessions(from))
  await run(0)
  const early = await run(2_000)
  for (let n = 4_000; n < 20_000; n += 2_000) await run(n)
  const late = await run(20_000)
  t.ok(late < 1.2 * early, `${early} steps, later ${late} steps`)
  t.equal(book.unfinished('CP-1').length, MAX_OPEN)
  t.equal(book.byStationId('CP-1', 1), undefined)
})

t.test('one that began before Busbar was there is adopted once, if its id is free', async t => {
  const book = createTransactionBook([], undefined)
  t.match(book.adopt('CP-1', facts(), 33), { transactionId: 33, csmsId: 33, state: 'open' })
  t.equal(book.adopt('CP-2', facts(), 33), undefined)
  t.equal(book.adopt('CP-2', facts(), -1), undefined)
})

t.test('one whose Stop was seen is never adopted, known or not, also after a restart', async t => {
  const book = createTransactionBook([], undefined)
  const known = book.adopt('CP-1', facts(1), 41)
  if (known !== undefined) book.put({ ...known, state: 'finished' })
  for (let id = 50; id < 50 + 2 * MAX_FINISHED; id++) {
    const other = book.begin('CP-1', facts(1, `T${id}`), id)
    book.put({ ...other, state: 'finished' })
  }
  t.equal(book.byStationId('CP-1', 41), undefined, 'long forgotten as a transaction')
  const [stray] = book.strayStop('CP-1', 77) ?? []
  t.equal(book.strayStop('CP-1', 77), undefined, 'said again it is known')
  for (const id of [41, 77]) t.equal(book.adopt('CP-1', facts(3), id), undefined)
  t.equal(book.byStationId('CP-1', 77), undefined, 'and none that could be meant')
  const after = createTransactionBook(stray === undefined ? [] : [stray], undefined)
  t.equal(after.adopt('CP-1', facts(3), 77), undefined)
  t.equal(after.adopt('CP-2', facts(3), 77)?.transactionId, 77, 'ids are of their station')
  t.same(after.unfinished('CP-1'), [])
  // a Stop here takes nothing from the station whose id it is
  const [taken] = after.strayStop('CP-3', 77) ?? []
  t.ok(taken)
  t.not(after.begin('CP-4', facts(1), 77).transactionId, 77)
  t.equal(book.begin('CP-1', facts(3), 77).transactionId, 77, 'a CSMS that counts anew begins it')
  const dropped = Array.from(
    { length: 2 * MAX_FINISHED },
    (_, n) => book.strayStop('CP-1', 1_000 + n)?.[1] ?? [],
  )
  t.notOk(
    dropped.flat().some(({ transactionId }) => transactionId === 77),
    'and it is kept',
  )
  t.equal(dropped.flat().length, MAX_FINISHED, 'what is kept is bounded')
})

t.test('finished ones are kept for late messages, then dropped oldest first', async t => {
  const book = createTransactionBook([], undefined)
  const dropped: number[] = []
  for (let id = 1; id <= MAX_FINISHED + 2; id++) {
    const record = book.begin('CP-1', facts(1, `2026-01-01T00:00:0${id}Z`), id)
    dropped.push(...book.put({ ...record, state: 'finished' }).map(r => r.transactionId))
  }
  t.same(dropped, [1, 2])
  t.equal(book.resolve('CP-1', 3)?.state, 'finished')
})

type Step =
  | {
      readonly kind: 'start'
      readonly station: number
      readonly connector: number
      readonly csmsId: number | undefined
    }
  | { readonly kind: 'stop' | 'finish'; readonly pick: number }
  | { readonly kind: 'restart' }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('start' as const),
    station: fc.nat(2),
    connector: fc.integer({ min: 1, max: 2 }),
    csmsId: fc.option(fc.oneof(fc.integer({ min: -1, max: 4 }), fc.constant(FIRST_LOCAL_ID)), {
      nil: undefined,
    }),
  }),
  fc.record({ kind: fc.constantFrom('stop' as const, 'finish' as const), pick: fc.nat(20) }),
  fc.constant({ kind: 'restart' as const }),
)

t.test(
  'whatever ids a CSMS hands out, no two live transactions share one, and none is misrouted',
  async () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        let book = createTransactionBook([], undefined)
        let live: TransactionRecord[] = []
        let at = 0
        for (const s of steps) {
          if (s.kind === 'start') {
            live.push(book.begin(`CP-${s.station}`, facts(s.connector, `T${at++}`), s.csmsId))
          } else if (s.kind === 'restart') {
            book = createTransactionBook(live, book.nextLocalId())
          } else {
            const picked = live[s.pick % Math.max(1, live.length)]
            if (picked === undefined) continue
            const after: TransactionRecord = { ...picked, state: s.kind === 'stop' ? 'stopped' : 'finished' }
            book.put(after)
            live = live.flatMap(r => (r !== picked ? r : s.kind === 'stop' ? after : []))
          }
          if (new Set(live.map(r => r.transactionId)).size !== live.length) return false
          for (const r of live) {
            const found = book.resolve(r.stationId, r.transactionId)
            if (found?.timestamp !== r.timestamp || found.connectorId !== r.connectorId) return false
            if (r.transactionId <= 0 || r.transactionId > 2_147_483_647) return false
          }
        }
        return true
      }),
      { numRuns: 300, seed: 1 },
    )
  },
)
