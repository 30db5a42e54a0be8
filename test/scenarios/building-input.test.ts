/**
 * What a building controller gets wrong, and what its broker does: the whole gateway on simulated ports. Nothing of it lets more flow, is lost
 * without a word or ends anything else.
 */
import t from 'tap'
import { MINUTE, SECOND, Yard } from './fixtures/yard.js'

const SET = 'busbar/yard/set/'
const RESULT = 'busbar/yard/result/'
const IDS = ['CP-1', 'CP-2', 'CP-3'] as const
/** From an order to the last car. */
const FOLLOWED_MS = 15 * SECOND

type Answer = Record<string, unknown>

class Building {
  readonly yard: Yard
  readonly answers: Answer[] = []

  constructor(seed: number) {
    this.yard = new Yard({
      ...{ seed, mqtt: true },
      circuits: [{ id: 'main', ratedCurrentA: 64, marginA: 2, worstCaseOtherLoadA: 0 }],
      stations: IDS.map(id => ({ id, circuit: 'main', maxCurrentA: 16, failSafeCurrentA: 0 })),
    })
    this.yard.onConfig = ({ mqtt }) => {
      if (mqtt !== undefined) mqtt.commands = { limits: true, enabling: true, departures: true }
    }
  }

  /** Three cars at 16 A, and somebody who hears the answers. */
  async open(): Promise<void> {
    const { yard } = this
    await yard.open()
    for (const id of IDS) yard.plugIn(id)
    await yard.world.runFor(6 * MINUTE)
    this.listen()
    await yard.world.runFor(SECOND)
  }

  listen(): void {
    const link = this.yard.world.portsFor('plc').broker.connect(
      {
        ...{ url: 'mqtt://broker', clientId: 'plc', protocolVersion: 4, connectTimeoutMs: 1_000 },
        will: { topic: 'plc', payload: 'gone', retain: false },
      },
      {
        open: () => link.subscribe(`${RESULT}#`),
        message: (_topic, payload) => this.answers.push(JSON.parse(payload)),
        closed: () => undefined,
      },
    )
  }

  give(kind: string, order: object | string, retain = false): void {
    const payload = typeof order === 'string' ? order : JSON.stringify(order)
    this.yard.world.broker.publish(SET + kind, payload, retain)
  }

  async ask(kind: string, order: object | string): Promise<Answer> {
    this.give(kind, order)
    await this.yard.world.runFor(SECOND)
    return this.answers.at(-1) ?? {}
  }

  drawnA(): number {
    return Math.round(Math.max(...this.yard.actualA('main')))
  }
}

async function building(seed = 1): Promise<Building> {
  const it = new Building(seed)
  await it.open()
  return it
}

const ORDER = { id: 'peak', limitA: 30, durationS: 600 }

t.test('what does not fit is refused with its place, and changes nothing', async t => {
  const it = await building()
  t.equal(it.drawnA(), 48)
  for (const [kind, order, expected] of [
    ['limit', '{"id":"peak","limitA":', { error: 'does not fit' }],
    ['limit', 'off', { error: 'does not fit' }],
    ['limit', '[]', { error: 'does not fit' }],
    ['limit', '{"id":"peak","limitA":NaN,"durationS":600}', { error: 'does not fit' }],
    ['limit', '{"id":"peak","limitA":1e308,"durationS":600}', { error: 'does not fit', found: /^limitA/ }],
    ['limit', '{"id":"peak","limitA":1e999,"durationS":600}', { error: 'does not fit' }],
    ['limit', { ...ORDER, limitA: -16 }, { found: 'limitA: -16' }],
    ['limit', { ...ORDER, limitA: '0' }, { found: 'limitA: "0"' }],
    ['limit', { id: 'peak', limitW: -1, durationS: 600 }, { found: 'limitW: -1' }],
    ['limit', { ...ORDER, durationS: 0 }, { found: 'durationS: 0' }],
    ['limit', { ...ORDER, durationS: 1e12 }, { error: 'does not fit', found: /^durationS/ }],
    ['limit', { id: 'peak', limitA: 0 }, { found: /durationS/ }],
    ['limit', { ...ORDER, id: 'a/+/#' }, { error: 'does not fit', found: /^id/ }],
    ['limit', { ...ORDER, target: { circuit: '+' } }, { error: 'does not fit' }],
    ['limit', { ...ORDER, target: { circuit: 'mian' } }, { error: 'no such circuit' }],
    ['limit', { ...ORDER, target: { station: 'CP-9' } }, { error: 'no such station' }],
    ['limit', { ...ORDER, target: { station: 'CP-1', connector: 7 } }, { error: 'no such connector' }],
    [
      'limit',
      `{"id":"peak","limitA":0,"durationS":600,"reason":"${'x'.repeat(5_000)}"}`,
      { error: 'too long' },
    ],
    ['enable', { id: 'a', station: '+', enabled: false, durationS: 60 }, { error: 'no such station' }],
    ['departure', { id: 'a', station: 'CP-1', departureAt: '1999-12-31T23:59:59Z' }, { error: 'over' }],
    ['clear', { id: 'peak' }, { error: 'no such order' }],
    ['+', ORDER, { error: 'unknown order' }],
    ['limit/#', ORDER, { error: 'unknown order' }],
  ] as const)
    t.match(
      await it.ask(kind, order),
      { done: false, ...expected },
      `${kind} ${JSON.stringify(order)}`.slice(0, 99),
    )
  t.same(it.yard.view().limits, [])
  t.equal(it.drawnA(), 48)
  t.same(it.yard.alarms(), [])
  await it.yard.close()
})

t.test(
  'an order is heard from the moment Busbar is there, whenever it is published after a start',
  async t => {
    const it = await building()
    it.yard.kill()
    await it.yard.startGateway()
    await it.yard.world.runFor(SECOND)
    // 11 a second for six seconds, at times that no rhythm of ours has
    const orders = 66
    for (let n = 0; n < orders; n++) {
      it.give('limit', { ...ORDER, id: `o${n}`, durationS: 60 })
      await it.yard.world.runFor(91)
    }
    await it.yard.world.runFor(SECOND)
    const unanswered = Array.from({ length: orders }, (_, n) => `o${n}`).filter(
      id => !it.answers.some(answer => answer.id === id && answer.done === true),
    )
    t.same(unanswered, [])
    await it.yard.close()
  },
)

t.test('a thousand orders in a second: twenty are taken, the lowest of those that hold stays', async t => {
  const it = await building()
  t.match(await it.ask('limit', { ...ORDER, id: 'mine', limitA: 24 }), { done: true })
  await it.yard.world.runFor(FOLLOWED_MS)
  const before = it.answers.length
  for (let n = 0; n < 1_000; n++) it.give('limit', { ...ORDER, id: `o${n}`, limitA: 30 + (n % 30) })
  await it.yard.world.runFor(SECOND)
  t.equal(it.answers.length - before, 21, 'twenty, and one refusal for the rest')
  t.equal(it.answers.filter(({ error }) => error === 'too frequent').length, 1)
  t.equal(it.yard.view().limits.length, 21)
  let mostA = 0
  it.yard.onLook = () => {
    mostA = Math.max(mostA, it.drawnA())
  }
  await it.yard.world.runFor(MINUTE)
  t.ok(mostA <= 24, `${mostA} A`)
  t.match(await it.ask('clear', { id: 'mine' }), { done: true }, 'whoever is not too frequent is heard again')
  await it.yard.close()
})

t.test(
  'two controllers that contradict: the lower one holds, and stations are not written to and fro',
  async t => {
    for (const ids of [
      ['a', 'b'],
      ['same', 'same'],
    ] as const) {
      const it = await building()
      let mostA = 0
      await it.ask('limit', { ...ORDER, id: ids[0], limitA: 24, durationS: 60 })
      await it.yard.world.runFor(FOLLOWED_MS)
      const from = it.yard.nowMs
      it.yard.onLook = () => {
        mostA = Math.max(mostA, it.drawnA())
      }
      for (let turn = 0; turn < 150; turn++) {
        it.give('limit', {
          ...ORDER,
          id: ids[turn % 2] ?? '',
          limitA: turn % 2 === 0 ? 24 : 60,
          durationS: 60,
        })
        await it.yard.world.runFor(2 * SECOND)
      }
      t.ok(mostA <= 24, `${ids}: ${mostA} A`)
      const writes = it.yard.writesSince(from).length
      t.ok(writes <= 3 * 12, `${ids}: ${writes} writes to three stations in 5 min`)
      await it.yard.close()
    }
  },
)

t.test('an order that the broker kept from last year is refused at each connection, and told so', async t => {
  const it = await building()
  it.yard.world.broker.publish(`${SET}limit`, JSON.stringify({ ...ORDER, id: 'old', limitA: 0 }), true)
  await it.yard.world.runFor(SECOND)
  await it.ask('clear', { id: 'old' })
  it.answers.length = 0
  for (let time = 0; time < 3; time++) {
    t.ok(it.yard.world.broker.cut('busbar-yard'), 'connected')
    await it.yard.world.runFor(2 * MINUTE)
  }
  t.same(
    it.answers.map(({ id, error }) => `${id} ${error}`),
    ['old retained', 'old retained', 'old retained'],
  )
  t.same(it.yard.view().limits, [])
  it.yard.world.broker.publish(`${SET}limit`, '', true)
  await it.yard.world.runFor(SECOND)
  t.equal(it.answers.length, 3, 'to take it back is no order')
  await it.yard.close()
})

for (const kind of ['down', 'silent', 'refusing', 'drops'] as const)
  t.test(
    `a broker that is ${kind}: an order goes on holding, ends by itself, and others are taken`,
    async t => {
      const it = await building()
      const { world } = it.yard
      t.match(await it.ask('limit', { ...ORDER, limitA: 24, durationS: 300 }), { done: true })
      if (kind === 'drops')
        world.portsFor('observer').clock.every(50, () => void world.broker.cut('busbar-yard'))
      else {
        world.broker.setMood(kind === 'refusing' ? { kind, reason: 'not authorized' } : { kind })
        world.broker.cut('busbar-yard')
      }
      await world.runFor(MINUTE)
      t.equal(it.drawnA(), 24)
      t.match((await it.yard.post('limits', { id: 'api', limitA: 21, durationS: 60 })).body, {
        dryRun: false,
      })
      await world.runFor(FOLLOWED_MS)
      t.equal(it.drawnA(), 21)
      await world.runFor(3 * MINUTE)
      t.equal(it.drawnA(), 24, 'what the broker brought still holds')
      await world.runFor(5 * MINUTE)
      t.equal(it.drawnA(), 48, 'and is over when it said')
      await it.yard.close()
    },
  )

t.test(
  'while stations are away an order is booked, told as without effect there, and kept to when they are back',
  async t => {
    const it = await building()
    const { yard } = it
    for (const id of IDS) yard.station(id).setReachable(false)
    await yard.world.runFor(MINUTE)
    const answer = await it.ask('limit', { ...ORDER, limitA: 12, durationS: 1_200 })
    const away = (id: string) => ({ stationId: id, connectorId: 1, because: 'not connected' })
    t.match(answer, { done: true, text: /CP-1\/1 keeps \d+ A: not connected/, kept: IDS.map(away) })
    t.match(
      await it.ask('limit', { ...ORDER, limitA: 12, durationS: 1_200 }),
      { kept: IDS.map(away) },
      'also again',
    )
    const pause = { id: 'door', station: 'CP-2', enabled: false, durationS: 1_200 }
    t.match((await it.ask('enable', pause)).kept, IDS.map(away))
    await it.ask('clear', { id: 'peak' })
    t.match(
      await it.ask('enable', pause),
      { text: /^CP-2\/1 keeps \d+ A/, kept: [away('CP-2')] },
      'a pause alone',
    )
    await it.ask('limit', { ...ORDER, limitA: 12, durationS: 900 })
    await yard.world.runFor(MINUTE)
    for (const id of IDS) yard.station(id).setReachable(true)
    await yard.world.runFor(3 * MINUTE)
    t.ok(it.drawnA() <= 12, `${it.drawnA()} A`)
    await yard.world.runFor(20 * MINUTE)
    const { body } = await yard.get('orders')
    const [first, last] = body.orders.filter(({ id }: { id: string }) => id === 'peak')
    t.notOk(first.lastAccepted, 'nobody was there to accept it')
    t.ok(Date.parse(last.lastAccepted) - Date.parse(last.received) > MINUTE, 'accepted when they were back')
    const report = await (await yard.ask(`/api/v1/orders/${first.seq}/report.html`)).text()
    t.match(report, /<th>Last station had accepted<\/th><td>not seen: one was away/)
    await yard.close()
  },
)
