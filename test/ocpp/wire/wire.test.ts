import fc from 'fast-check'
import t from 'tap'
import { type CallOutcome, callError, result } from '../../../src/core/answer.js'
import { backoffMs } from '../../../src/ocpp/csms/backoff.js'
import { isPassword, passwordFromHeader } from '../../../src/ocpp/station/basic-auth.js'
import { stationIdFromPath } from '../../../src/ocpp/station/station-id.js'
import { type FrameKind, type LegLimits, openLeg } from '../../../src/ocpp/wire/call-leg.js'
import { Deadlines } from '../../../src/ocpp/wire/deadlines.js'
import { toErrorCode } from '../../../src/ocpp/wire/error-codes.js'
import { encodeCall, encodeError, encodeResult, parseFrame } from '../../../src/ocpp/wire/frames.js'
import { keepAlive } from '../../../src/ocpp/wire/keep-alive.js'
import type { IncomingCall } from '../../../src/ocpp/wire/leg.js'
import { checkCall, checkResult, KNOWN_ACTIONS } from '../../../src/ocpp/wire/schemas.js'
import { comparing, handClock, keptLog } from '../hand-clock.js'

// ---------------------------------------------------------------- frames

t.test('keeps the payload of a frame byte for byte', async t => {
  const payloads = [
    '{"a":1.10}',
    '{"a":9007199254740993}',
    '{ "a" :\t[ 1 , 2.50 ]\n}',
    '{"a":"\\u00e9\\/\\uD83D\\uDE00"}',
    '{"a":"],[}{","b":"\\"]\\\\"}',
    '{"__proto__":{"x":1},"constructor":1e2}',
    '{}',
  ]
  for (const payload of payloads) {
    const call = parseFrame(encodeCall('"id-1"', 'DataTransfer', payload))
    t.match(call, { kind: 'call', messageId: '"id-1"', action: 'DataTransfer', payloadText: payload })
    const spaced = parseFrame(` [ 2 , "id-1" ,\r\n"DataTransfer" , ${payload} ] `)
    t.match(spaced, { kind: 'call', messageId: '"id-1"', payloadText: payload })
    t.match(parseFrame(encodeResult('"id-1"', payload)), { kind: 'result', payloadText: payload })
    t.match(parseFrame(encodeError('"id-1"', 'GenericError', 'a "b"', payload)), {
      kind: 'error',
      code: 'GenericError',
      description: 'a "b"',
      detailsText: payload,
    })
  }
  t.equal(Object.hasOwn(Object.prototype, 'x'), false)
})

t.test('reads a frame the same by its plain head as the long way, whatever is spoiled in it', async t => {
  // white space before a frame means nothing, but takes it off the quick way
  const isSame = (text: string) => t.same(parseFrame(text), parseFrame(`\n${text}`), text.slice(0, 80))
  const payload = '{"a":[1,2.50],"b":"]}\\"","c":{"d":null}}'
  for (const text of [
    `[2,"a","Heartbeat",${payload}]`,
    `[2, "a", "Heartbeat", ${payload}]`,
    `[3,"a",${payload}]`,
    `[3, "a", ${payload}]`,
    `[2,"a","Heartbeat",{},{}]`,
    `[2,"a","Heartbeat",{"x":1}}]`,
    `[2,"a","Heartbeat",{},"}]`,
    `[2,"a","Heartbeat"],{}]`,
    `[3,"a",{}],{}]`,
    `[3,"a",{}`,
    `[3,"a",{"x":"}]`,
    `[2,"${'i'.repeat(37)}","Heartbeat",{}]`,
    `[3,"",{}]`,
    `[2,"a\u0001","Heartbeat",{}]`,
    `[2,"a","Heartbeat",{"x":1,"x":2}]`,
    `[2,"a","Heartbeat",{"x":${'['.repeat(20)}${']'.repeat(20)}}]`,
  ])
    isSame(text)
  const whole = [`[2,"a","Heartbeat",${payload}]`, `[3,"a",${payload}]`]
  fc.assert(
    fc.property(fc.constantFrom(...whole), fc.nat(), fc.string({ maxLength: 3 }), (text, at, junk) => {
      const cut = at % text.length
      for (const spoilt of [text.slice(0, cut) + junk, text.slice(0, cut) + junk + text.slice(cut + 1)]) {
        // without its bracket or with junk before it, it never took the quick way
        if (spoilt.startsWith('[')) isSame(spoilt)
      }
    }),
    { numRuns: 300 },
  )
})

t.test('keeps any payload with any spacing and never throws on a mutilated frame', async () => {
  const gap = fc.constantFrom('', ' ', '\n\t', '  ')
  const payload = fc
    .dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }))
    .chain(value => fc.constantFrom(JSON.stringify(value), JSON.stringify(value, null, 1)))
  const id = fc.string({ maxLength: 36 }).map(text => JSON.stringify(text))
  fc.assert(
    fc.property(
      id,
      fc.string(),
      payload,
      gap,
      fc.nat(),
      fc.string(),
      (id, action, payload, gap, cut, junk) => {
        const text = `[2,${gap}${id}${gap},${JSON.stringify(action)},${gap}${payload}${gap}]`
        const frame = parseFrame(text)
        if (frame.kind !== 'call') return false
        const isSame = frame.payloadText === payload && frame.messageId === id && frame.action === action
        const at = cut % text.length
        parseFrame(text.slice(0, at) + junk)
        parseFrame(text.slice(0, at) + junk + text.slice(at + 1))
        return isSame
      },
    ),
    { numRuns: 300 },
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.jsonValue().map(value => JSON.stringify([value, value])),
      ),
      text => {
        parseFrame(text)
      },
    ),
    { numRuns: 300 },
  )
})

t.test('reads odd frames as the standard and common stations need it', async t => {
  const long = 'x'.repeat(10_000)
  const deep = `${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`
  const rows: readonly (readonly [string, object])[] = [
    ['', { kind: 'unreadable', messageId: undefined }],
    ['[]', { kind: 'unreadable', messageId: undefined }],
    ['{}', { kind: 'unreadable', messageId: undefined }],
    ['null', { kind: 'unreadable', messageId: undefined }],
    ['"2"', { kind: 'unreadable', messageId: undefined }],
    ['[2]', { kind: 'unreadable', messageId: undefined }],
    ['[2,null,"Heartbeat",{}]', { kind: 'unreadable', messageId: undefined }],
    ['[2,{},"Heartbeat",{}]', { kind: 'unreadable', messageId: undefined }],
    [`[2,"${long}","Heartbeat",{}]`, { kind: 'unreadable', messageId: undefined }],
    ['[2,"1"]', { kind: 'unreadable', messageId: '"1"', code: 'FormationViolation' }],
    ['[2,"1",7,{}]', { kind: 'unreadable', messageId: '"1"' }],
    ['[2,"1","Heartbeat",[]]', { kind: 'unreadable', messageId: '"1"' }],
    ['[2,"1","Heartbeat","x"]', { kind: 'unreadable', messageId: '"1"' }],
    ['[2,"1","Heartbeat",{},{}]', { kind: 'unreadable', messageId: '"1"' }],
    ['[2,"1","Heartbeat",{"a":1,}]', { kind: 'unreadable', messageId: '"1"' }],
    [`[2,"1","A",${deep}]`, { kind: 'unreadable', messageId: '"1"' }],
    [`[2,"1","A",${'['.repeat(500_000)}`, { kind: 'unreadable', messageId: '"1"' }],
    [`[2,"1","${long}",{}]`, { kind: 'unreadable', messageId: '"1"' }],
    ['[2,"1","Heartbeat"]', { kind: 'call', payloadText: '{}' }],
    ['[2,"1","Heartbeat",null]', { kind: 'call', payloadText: '{}' }],
    ['[2,1,"Heartbeat",{}]', { kind: 'call', messageId: '1' }],
    ['[2,9007199254740993,"Heartbeat",{}]', { kind: 'call', messageId: '9007199254740993' }],
    [`[2,"${'i'.repeat(37)}","Heartbeat",{}]`, { kind: 'call', messageId: `"${'i'.repeat(37)}"` }],
    ['[2,"a\\"],b","Heartbeat",{}]', { kind: 'call', messageId: '"a\\"],b"', payloadText: '{}' }],
    ['[2,"1","constructor",{}]', { kind: 'call', action: 'constructor' }],
    ['[9,"1","X",{}]', { kind: 'ignored' }],
    ['[3,"nobody",{}]', { kind: 'result', messageId: '"nobody"' }],
    ['[3,"1"]', { kind: 'result', payloadText: '{}' }],
    ['[4,"1"]', { kind: 'error', code: '', description: '', detailsText: '{}' }],
    ['[4,"1","GenericError","",null]', { kind: 'error', detailsText: '{}' }],
    [
      '[4,"1","GenericError","why",{"a":1.0}]',
      { kind: 'error', description: 'why', detailsText: '{"a":1.0}' },
    ],
  ]
  for (const [text, expected] of rows) {
    const frame = parseFrame(text)
    const name = text.slice(0, 60)
    t.match(frame, expected, name)
    if ('messageId' in expected && expected.messageId === undefined) t.notOk('messageId' in frame, name)
  }
})

t.test('writes and understands error codes in the spelling of 1.6', async t => {
  t.equal(toErrorCode('OccurrenceConstraintViolation'), 'OccurenceConstraintViolation')
  t.equal(toErrorCode('FormatViolation'), 'FormationViolation')
  t.equal(toErrorCode('MessageTypeNotSupported'), 'GenericError')
  t.equal(toErrorCode('constructor'), 'GenericError')
  t.equal(toErrorCode('SecurityError'), 'SecurityError')
  const frame = parseFrame(encodeError('"1"', 'InternalError', 'x'.repeat(999), '{}'))
  t.equal(frame.kind === 'error' && frame.description.length, 255)
})

// ---------------------------------------------------------------- schemas

t.test('knows the 39 actions of 1.6 and its security extension, each with both schemas', async t => {
  t.equal(KNOWN_ACTIONS.size, 39)
  for (const action of KNOWN_ACTIONS.keys()) {
    const verdicts = [checkCall(action, 1), checkResult(action, 1)]
    for (const verdict of verdicts) t.match(verdict, { ok: false, code: 'TypeConstraintViolation' }, action)
  }
  for (const action of ['constructor', '__proto__', 'heartbeat', 'Heartbeat.req', '']) {
    t.match(checkCall(action, {}), { ok: false, code: 'NotImplemented' })
  }
})

t.test('names the fault of a payload with the code that 1.6 has for it', async t => {
  const boot = { chargePointVendor: 'V', chargePointModel: 'M' }
  const profile = (limit: number) => ({
    connectorId: 1,
    csChargingProfiles: {
      chargingProfileId: 1,
      stackLevel: 0,
      chargingProfilePurpose: 'TxDefaultProfile',
      chargingProfileKind: 'Absolute',
      chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit }] },
    },
  })
  t.same(checkCall('BootNotification', boot), { ok: true })
  for (const limit of [8.1, 0.3, 21.4]) t.same(checkCall('SetChargingProfile', profile(limit)), { ok: true })
  t.match(checkCall('SetChargingProfile', profile(48.55)), { code: 'PropertyConstraintViolation' })
  t.match(checkCall('BootNotification', { chargePointModel: 'M' }), { code: 'OccurenceConstraintViolation' })
  t.match(checkCall('BootNotification', { ...boot, chargePointVendor: 'x'.repeat(21) }), {
    code: 'PropertyConstraintViolation',
    path: '/chargePointVendor',
    found: 'a string of 21 characters',
  })
  t.match(checkCall('BootNotification', { ...boot, extra: 1 }), {
    code: 'FormationViolation',
    expected: 'no field "extra"',
  })
  t.match(checkCall('BootNotification', JSON.parse('{"__proto__":1}')), { ok: false })
  t.match(checkCall('StatusNotification', { connectorId: '1', errorCode: 'NoError', status: 'Available' }), {
    code: 'TypeConstraintViolation',
    path: '/connectorId',
  })
  t.match(checkResult('Authorize', { idTagInfo: { status: 'Fine' } }), {
    code: 'PropertyConstraintViolation',
    path: '/idTagInfo/status',
  })
  t.same(checkResult('Heartbeat', { currentTime: '2026-01-01T00:00:00Z' }), { ok: true })
  for (const currentTime of [
    '2026-01-01T00:00:00.123+0200',
    '2024-02-29t23:59:59-11:00',
    '2026-01-01 00:00:00Z',
  ])
    t.same(checkResult('Heartbeat', { currentTime }), { ok: true }, currentTime)
  for (const currentTime of [
    ...['yesterday', '2026-02-29T00:00:00Z', '2026-02-32T00:00:00Z', '2026-13-01T00:00:00Z'],
    ...['2026-01-01T00:00:00', '2026-01-01T24:01:00Z', '2026-01-01T00:00Z', '2026-01-01'],
  ])
    t.match(checkResult('Heartbeat', { currentTime }), { ok: false }, currentTime)
})

// ---------------------------------------------------------------- who

t.test('takes an identity from the path after exactly one decoding (ST5)', async t => {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['/ocpp/CP-1', 'CP-1'],
    ['/ocpp/RDAM%7C123', 'RDAM|123'],
    ['/ocpp/RDAM|123', 'RDAM|123'],
    ['/ocpp/CP-1?token=x', 'CP-1'],
    ['/ocpp/', undefined],
    ['/ocpp', undefined],
    ['/', undefined],
    ['/other/CP-1', undefined],
    ['/ocpp/CP-1/', undefined],
    ['/ocpp/../../etc/passwd', undefined],
    ['/ocpp/..', undefined],
    ['/ocpp/%2e%2e', undefined],
    ['/ocpp/a%2Fb', undefined],
    ['/ocpp/a%252Fb', undefined],
    ['/ocpp/RDAM%257C123', undefined],
    ['/ocpp/%', undefined],
    ['/ocpp/%ff', undefined],
    ['/ocpp/a%00b', undefined],
    ['/ocpp/a b', undefined],
    [`/ocpp/${'x'.repeat(48)}`, 'x'.repeat(48)],
    [`/ocpp/${'x'.repeat(49)}`, undefined],
    [`/ocpp/${'x'.repeat(300)}`, undefined],
  ]
  for (const [path, expected] of rows) t.equal(stationIdFromPath(path), expected, path)
})

t.test('compares passwords as octets, in every form stations send them (ST2)', async t => {
  const header = (octets: Buffer) => `Basic ${octets.toString('base64')}`
  const sent = (password: Buffer) =>
    passwordFromHeader(header(Buffer.concat([Buffer.from('CP:'), password])), 'CP')
  const raw = Buffer.from(Array.from({ length: 20 }, (_, at) => at))
  t.same(sent(raw), new Uint8Array(raw))
  t.same(sent(Buffer.from('a:b:')), new Uint8Array(Buffer.from('a:b:')), 'colons belong to the password')
  t.same(sent(Buffer.alloc(0)), new Uint8Array(0))
  t.equal(passwordFromHeader(header(Buffer.from('A:B:pw')), 'A:B')?.length, 2, 'and to the identity')
  for (const bad of [
    undefined,
    '',
    'Basic',
    'Basic ###',
    'Basic Q1A',
    'Bearer abc',
    header(Buffer.from('CP')),
  ]) {
    t.equal(passwordFromHeader(bad, 'CP'), undefined, bad ?? 'none')
  }
  t.equal(passwordFromHeader(header(Buffer.from('CQ:pw')), 'CP'), undefined)
  t.equal(passwordFromHeader(header(Buffer.alloc(9000, 'x')), 'CP'), undefined)

  const forms = [raw, Buffer.from(raw.toString('hex')), Buffer.from(raw.toString('hex').toUpperCase())]
  for (const form of forms) t.ok(isPassword(comparing, raw, form))
  for (const form of forms) t.ok(isPassword(comparing, Buffer.from(raw.toString('hex')), form))
  for (const wrong of [Buffer.alloc(0), Buffer.alloc(4096), raw.subarray(1), Buffer.from('00')]) {
    t.notOk(isPassword(comparing, raw, wrong))
  }
})

t.test('waits between 1 s and 60 s before dialling again, each link by itself', async t => {
  t.equal(backoffMs(0, 0), 1_000)
  t.equal(backoffMs(99, 0.999999), 60_000)
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, jitter) => {
      const waitMs = backoffMs(failures, jitter)
      return waitMs >= 1_000 && waitMs <= 60_000 && waitMs <= backoffMs(failures + 1, jitter)
    }),
  )
  const seconds = new Map<number, number>()
  for (let link = 0; link < 500; link += 1) {
    const second = Math.floor(backoffMs(0, link / 500) / 1000)
    seconds.set(second, (seconds.get(second) ?? 0) + 1)
  }
  t.ok(Math.max(...seconds.values()) <= 50, 'no second has more than a tenth of 500 links')
})

t.test('pings every 10 s and calls a peer dead 20 s after its last frame', async t => {
  const clock = handClock()
  let pings = 0
  let deaths = 0
  const ping = () => {
    pings += 1
  }
  const watch = keepAlive(clock, { ping, sentBytes: () => 0, receivedBytes: () => 0 }, () => {
    deaths += 1
  })
  clock.advance(10_000)
  t.equal(pings, 1)
  watch.seen()
  clock.advance(19_999)
  t.same([pings, deaths], [2, 0])
  clock.advance(1)
  t.equal(deaths, 1)
  clock.advance(60_000)
  t.same([pings, deaths], [2, 1])
})

t.test(
  'a machine that was held for longer pings once more, and waits 5 s, before it calls a peer dead',
  async t => {
    for (const isThere of [true, false]) {
      const hand = handClock()
      let [heldMs, pings, deaths] = [0, 0, 0]
      const clock = { ...hand, monoMs: () => hand.monoMs() + heldMs }
      const watch = keepAlive(
        clock,
        { ping: () => pings++, sentBytes: () => 0, receivedBytes: () => 0 },
        () => {
          deaths++
        },
      )
      heldMs = 30_000
      hand.advance(10_000)
      t.same([pings, deaths], [1, 0])
      if (isThere) watch.seen()
      hand.advance(4_999)
      t.same([pings, deaths], [1, 0])
      hand.advance(1)
      t.same([pings, deaths], [1, isThere ? 0 : 1])
      hand.advance(60_000)
      t.equal(deaths, 1, 'and then as ever')
    }
  },
)

// ---------------------------------------------------------------- leg

function legByHand(limits: Partial<LegLimits> = {}) {
  const clock = handClock()
  const log = keptLog()
  const sent: string[] = []
  const handed: IncomingCall[] = []
  const counted: FrameKind[] = []
  const ends: string[] = []
  let buffered = 0
  let ids = 0
  const leg = openLeg({
    clock,
    log,
    limits,
    newMessageId: () => `m${++ids}`,
    onFrame: kind => void counted.push(kind),
    socket: {
      sendText: text => void sent.push(text),
      ping: () => {},
      close: (code, reason) => void ends.push(`${code} ${reason}`),
      terminate: () => void ends.push('terminate'),
      bufferedBytes: () => buffered,
      sentBytes: () => 0,
      receivedBytes: () => 0,
    },
    handlers: {
      call: call => void handed.push(call),
      closed: code => void ends.push(`closed ${code}`),
    },
  })
  const outcomes: string[] = []
  const call = (name: string, more: { urgency?: 'urgent' | 'first'; coalesce?: string } = {}) =>
    leg.call(
      { action: 'DataTransfer', payloadText: `{"n":"${name}"}`, timeoutMs: 30_000, ...more },
      outcome => outcomes.push(`${name} ${outcome.kind}`),
    )
  const names = () => sent.map(text => /"n":"(\w+)"/.exec(text)?.[1] ?? text)
  const backlog = (bytes: number) => {
    buffered = bytes
  }
  return { clock, log, leg, sent, handed, counted, ends, outcomes, call, names, backlog }
}

t.test('has one CALL on the wire, urgent ones first, newest of a kind instead of older', async t => {
  const { leg, call, names, outcomes, sent } = legByHand()
  call('a')
  call('b')
  call('c', { coalesce: 'limit' })
  call('d', { urgency: 'first' })
  call('e', { urgency: 'first' })
  call('f', { coalesce: 'limit' })
  t.same(names(), ['a'])
  t.equal(sent[0], '[2,"m1","DataTransfer",{"n":"a"}]')
  t.equal(leg.pending(), 5)
  t.same(outcomes, ['c closed'])
  for (let n = 1; n <= 5; n += 1) leg.wire.text(`[3,"m${n}",{}]`)
  t.same(names(), ['a', 'd', 'e', 'b', 'f'])
  t.same(outcomes.slice(1), ['a result', 'd result', 'e result', 'b result', 'f result'])
  t.equal(leg.pending(), 0)
  t.equal(leg.busyMs(), undefined)
})

t.test('lets an urgent CALL take the place of a waiting normal one with its key', async t => {
  const { leg, call, names, outcomes } = legByHand()
  for (const name of ['a', 'b']) call(name)
  call('raise', { coalesce: 'limit' })
  call('lower', { coalesce: 'limit', urgency: 'first' })
  t.same(outcomes, ['raise closed'])
  leg.wire.text('[3,"m1",{}]')
  t.same(names(), ['a', 'lower'])
})

t.test('sends an urgent CALL beside one that was not answered for 1.5 s, and takes both answers', async t => {
  const { clock, leg, call, names, outcomes } = legByHand()
  call('slow')
  call('first', { urgency: 'first' })
  clock.advance(1_000)
  call('older', { urgency: 'urgent', coalesce: 'limit' })
  call('lower', { urgency: 'urgent', coalesce: 'limit' })
  call('second', { urgency: 'urgent' })
  t.same(outcomes, ['older closed'])
  clock.advance(499)
  t.same(names(), ['slow'])
  clock.advance(1)
  t.same(names(), ['slow', 'lower'], 'one beside the older, not more')
  leg.wire.text('[3,"m2",{}]')
  t.same(names(), ['slow', 'lower', 'second'])
  leg.wire.text('[3,"m3",{}]')
  t.same(names(), ['slow', 'lower', 'second'], 'what is not urgent waits for its turn')
  t.equal(leg.busyMs(), 1_500)
  t.equal(leg.pending(), 2)
  leg.wire.text('[3,"m1",{}]')
  t.same(outcomes.slice(1), ['lower result', 'second result', 'slow result'])
  t.same(names().at(-1), 'first')
  clock.advance(1_499)
  call('third', { urgency: 'urgent' })
  leg.wire.text('[3,"m4",{}]')
  t.equal(names().at(-1), 'third', 'an answer in time leaves nothing to press')
  clock.advance(30_000)
  t.equal(outcomes.at(-1), 'third timeout')
})

t.test('ends both CALLs on the wire when the socket closes, and times each from its own start', async t => {
  const { clock, leg, call, outcomes } = legByHand()
  call('slow')
  clock.advance(20_000)
  call('lower', { urgency: 'urgent' })
  clock.advance(10_000)
  t.same(outcomes, ['slow timeout'])
  call('next')
  call('pressing', { urgency: 'urgent' })
  leg.wire.closed(1006, '')
  t.same(outcomes.slice(1), ['lower closed', 'pressing closed', 'next closed'])
})

t.test('drops late, doubled and unknown answers without touching the CALL in flight', async t => {
  const { leg, call, clock, outcomes, counted } = legByHand()
  call('a')
  clock.advance(10_000)
  t.equal(leg.busyMs(), 10_000)
  call('b')
  clock.advance(20_000)
  t.same(outcomes, ['a timeout'])
  leg.wire.text('[3,"m1",{}]')
  leg.wire.text('[3,"nobody",{}]')
  leg.wire.text('[4,"m1","GenericError","",{}]')
  t.same(outcomes, ['a timeout'])
  leg.wire.text('[3,"m2",{}]')
  leg.wire.text('[3,"m2",{}]')
  t.same(outcomes, ['a timeout', 'b result'])
  t.equal(counted.filter(kind => kind === 'unknown-answer').length, 4)
})

t.test('counts the timeout of a CALL from the wire, not from the queue', async t => {
  const { call, clock, leg, outcomes } = legByHand()
  call('a')
  call('b')
  clock.advance(29_000)
  leg.wire.text('[3,"m1",{}]')
  clock.advance(29_000)
  t.same(outcomes, ['a result'])
  clock.advance(1_000)
  t.same(outcomes, ['a result', 'b timeout'])
})

t.test('keeps many waits on one timer, each ending at its own time or not at all', async t => {
  const clock = handClock()
  let timers = 0
  const deadlines = new Deadlines({
    monoMs: () => clock.monoMs(),
    after: (delayMs, run) => {
      timers += 1
      return clock.after(delayMs, run)
    },
  })
  const ended: string[] = []
  const wait = (name: string, delayMs: number) => deadlines.after(delayMs, () => void ended.push(name))
  for (let call = 0; call < 1000; call++) wait('answered', 30_000).cancel()
  t.equal(timers, 1, '1000 answered CALLs')
  clock.advance(10_000)
  wait('c', 30_000)
  wait('a', 5_000)
  const gone = wait('gone', 6_000)
  deadlines.after(7_000, () => {
    ended.push('b')
    gone.cancel()
    wait('d', 60_000)
  })
  clock.advance(5_000)
  t.same(ended, ['a'])
  gone.cancel()
  clock.advance(2_000)
  t.same(ended, ['a', 'b'])
  clock.advance(22_999)
  t.same(ended, ['a', 'b'])
  clock.advance(1)
  t.same(ended, ['a', 'b', 'c'])
  deadlines.stop()
  clock.advance(120_000)
  t.same(ended, ['a', 'b', 'c'], 'nothing after the end')
})

t.test('gives the answer of a CALL as it came, a CALLERROR in the spelling of 1.6', async t => {
  const { leg } = legByHand()
  const outcomes: CallOutcome[] = []
  const call = { action: 'Reset', payloadText: '{}', timeoutMs: 1 }
  leg.call(call, outcome => void outcomes.push(outcome))
  leg.wire.text('[3,"m1",{ "status" : 1.10 }]')
  leg.call(call, outcome => void outcomes.push(outcome))
  leg.wire.text('[4,"m2","FormatViolation","no",{"x":1.0}]')
  t.same(outcomes, [
    { kind: 'result', payloadText: '{ "status" : 1.10 }' },
    { kind: 'error', code: 'FormationViolation', description: 'no', detailsText: '{"x":1.0}' },
  ])
})

t.test('hands in the next CALL when the one before is answered, and echoes ids as they came', async t => {
  const { leg, handed, sent } = legByHand()
  leg.wire.text('[2,7,"Heartbeat",{}]')
  leg.wire.text('[2,"b\\u0041","Heartbeat",null]')
  leg.wire.text('[2,"c","Heartbeat",{}]')
  t.match(handed, [{ messageId: '7', action: 'Heartbeat', payloadText: '{}', payload: {} }])
  t.equal(handed.length, 1)
  leg.answer('"c"', result({}))
  t.equal(sent.length, 0, 'an answer out of turn is dropped')
  leg.answer('7', { kind: 'result', payloadText: '{"t":1.10}' })
  leg.answer('7', result({}))
  leg.answer('"b\\u0041"', callError('NotSupported', 'no'))
  leg.forget('"c"')
  leg.wire.text('[2,"d","Heartbeat",{}]')
  t.same(sent, ['[3,7,{"t":1.10}]', '[4,"b\\u0041","NotSupported","no",{}]'])
  t.same(
    handed.map(call => call.messageId),
    ['7', '"b\\u0041"', '"c"', '"d"'],
  )
})

t.test('does not wait for ever for the answer to a CALL that was handed in', async t => {
  const { leg, handed, clock } = legByHand()
  leg.wire.text('[2,"a","Heartbeat",{}]')
  leg.wire.text('[2,"b","Heartbeat",{}]')
  clock.advance(120_000)
  t.equal(handed.length, 1)
  leg.wire.text('[2,"c","Heartbeat",{}]')
  t.same(
    handed.map(call => call.messageId),
    ['"a"', '"b"'],
  )
})

t.test(
  'answers a broken CALL whose id is readable, and closes after 20 bad frames in a minute (ST10)',
  async t => {
    const { leg, sent, ends, clock, counted, handed } = legByHand()
    leg.wire.text('[2,"1"]')
    t.same(sent, ['[4,"1","FormationViolation","no action",{}]'])
    for (let n = 0; n < 19; n += 1) leg.wire.text('{')
    t.same(ends, [])
    leg.wire.text('[2,"ok","Heartbeat",{}]')
    t.equal(handed.length, 1)
    clock.advance(60_000)
    for (let n = 0; n < 20; n += 1) leg.wire.text('{')
    t.same(ends, [])
    leg.wire.text('{')
    t.same(ends, ['1008 too many bad frames'])
    t.equal(counted.filter(kind => kind === 'unreadable').length, 41)
  },
)

t.test('bounds what either side can pile up', async t => {
  const slow = legByHand({ maxBufferedBytes: 10 })
  slow.backlog(11)
  slow.call('a')
  t.same(slow.ends, ['terminate'], 'a slow reader is cut off')
  const pinging = legByHand({ maxBufferedBytes: 10 })
  pinging.leg.wire.ping()
  pinging.backlog(11)
  pinging.leg.wire.ping()
  t.same(pinging.ends, ['terminate'], 'also one that only pings')

  const flood = legByHand({ maxIncoming: 2 })
  for (const id of [1, 2, 3, 4]) flood.leg.wire.text(`[2,${id},"Heartbeat",{}]`)
  t.same(flood.ends, ['1008 too many unanswered CALLs'])

  const fat = legByHand({ maxIncomingChars: 100 })
  for (const id of [1, 2, 3]) fat.leg.wire.text(`[2,${id},"DataTransfer",{"d":"${'x'.repeat(100)}"}]`)
  t.same(fat.ends, ['1008 too many unanswered CALLs'])

  const full = legByHand({ maxOutgoing: 2 })
  for (const name of ['a', 'b', 'c', 'd']) full.call(name)
  full.call('e', { urgency: 'first' })
  t.same(full.outcomes, ['d closed', 'c closed'], 'the newest normal CALL gives way')

  const long = legByHand()
  long.leg.maxTextBytes = 40
  long.leg.wire.text(`[2,"1","DataTransfer",{"d":"${'é'.repeat(10)}"}]`)
  t.same(long.ends, ['1009 message too long'])
})

t.test('tolerates 600 pings and pongs a minute', async t => {
  const { leg, ends, counted, clock } = legByHand()
  for (let n = 0; n < 600; n++) leg.wire.pong()
  t.same(ends, [])
  clock.advance(60_000)
  for (let n = 0; n < 601; n++) leg.wire.ping()
  t.same([ends, counted], [['1008 too many frames that say nothing'], ['too-many']])
})

t.test('tells every CALL and then the session when the socket is gone, once', async t => {
  const { leg, call, ends, outcomes } = legByHand()
  for (const name of ['a', 'b', 'c']) call(name)
  leg.wire.closed(1006, '')
  leg.wire.closed(1006, '')
  call('d')
  leg.wire.text('[3,"m1",{}]')
  leg.answer('"x"', result({}))
  t.same(outcomes, ['a closed', 'b closed', 'c closed', 'd closed'])
  t.same(ends, ['closed 1006'])
})

t.test('survives a handler of ours that throws', async t => {
  const { leg, log, outcomes, call } = legByHand()
  leg.call({ action: 'Reset', payloadText: '{}', timeoutMs: 1 }, () => {
    throw new Error('ours')
  })
  call('b')
  leg.wire.text('[3,"m1",{}]')
  leg.wire.text('[3,"m2",{}]')
  t.same(outcomes, ['b result'])
  t.ok(log.events.includes('ocpp.handler-failed'))
})

t.test('answers a CALL whose handler throws', async t => {
  const sent: string[] = []
  const leg = openLeg({
    clock: handClock(),
    newMessageId: () => 'm',
    socket: {
      sendText: text => void sent.push(text),
      ping: () => {},
      close: () => {},
      terminate: () => {},
      bufferedBytes: () => 0,
      sentBytes: () => 0,
      receivedBytes: () => 0,
    },
    handlers: {
      call: () => {
        throw new Error('ours')
      },
      closed: () => {},
    },
  })
  leg.wire.text('[2,"a","Heartbeat",{}]')
  leg.wire.text('[2,"b","Heartbeat",{}]')
  t.match(sent, [/^\[4,"a","InternalError"/, /^\[4,"b","InternalError"/])
})
