/**
 * The Charge Point column of the certification plan (seed 002, Appendix C) and all cases of seed 000, played with a
 * scripted CSMS above Busbar and a simulated station below, on a good line and on the lab's worst (§8.2.2), in simulated
 * time; and proof that the checks of the frames see what is wrong.
 */
import t from 'tap'
import type { Ports } from '../../src/ports.js'
import { forgetful } from './forgetful.js'
import { DRIVEN_CASES, WEMOB, WEMOB_CASES } from './further.js'
import { readConfiguration } from './pass-through/configuration.js'
import { type End, type Frame, faultsOf } from './pass-through/frames.js'
import { PASS_THROUGH_CASES, playPassThrough } from './pass-through/play.js'

for (const quality of ['lab', 'worst'] as const) {
  for (const { id, title, result } of await playPassThrough({ quality })) {
    t.test(`${id} ${title} (${quality})`, async t => {
      if (result.kind === 'failed') t.fail(result.why)
      else t.pass(result.kind === 'passed' ? `${result.tookMs} ms` : `${result.kind}: ${result.why}`)
    })
  }
}

t.test('the table has every id once, all that the WEMOB passed, and plays each mandatory row', async t => {
  const ids = PASS_THROUGH_CASES.map(({ id }) => id)
  t.equal(new Set(ids).size, ids.length)
  t.same(
    WEMOB_CASES.filter(id => !ids.includes(id)),
    [],
  )
  for (const { id, mark, play } of PASS_THROUGH_CASES)
    if (mark === 'M') t.type(play, 'function', `${id} is mandatory`)
})

t.test('the WEMOB passes behind Busbar what it passed in seed 000', async t => {
  t.equal(new Set(WEMOB_CASES).size, 69)
  for (const quality of ['lab', 'worst'] as const) {
    const played = await playPassThrough({ quality, only: WEMOB_CASES, station: WEMOB })
    t.same(played.map(({ id }) => id).sort(), [...WEMOB_CASES].sort(), 'each of them, and once')
    for (const { id, result, station } of played) {
      t.match(result, { kind: 'passed' }, `${id} (${quality})`)
      t.match(station, /^weg-wemob, one connector, fixed cable$/, `${id} with its own model and cable`)
    }
  }
})

/** Seed 002: what only passes where the profiles reach the station itself, and what must pass there too. */
const DRIVEN = ['012', '028', '056', '057', '058_1', '058_2', '059', '060', '066', '067', '072', '082']

t.test('a station that its CSMS drives: profiles and refused stops pass byte for byte', async t => {
  const runs = [
    { quality: 'lab', only: DRIVEN },
    { quality: 'worst', only: DRIVEN_CASES },
  ] as const
  for (const run of runs)
    for (const { id, result } of await playPassThrough({ ...run, loadControl: 'csms' }))
      t.match(result, { kind: 'passed' }, `${id} (${run.quality})`)
})

t.test('HeartbeatInterval is as the seeds state it for either station', async t => {
  for (const [device, value] of [
    ['ecs-wkt-ec13', '30'],
    ['weg-wemob', '3000'],
  ] as const) {
    const only = ['heartbeat']
    const [played] = await playPassThrough({ quality: 'lab', only, station: { device, settings: {} } })
    t.match(played, { result: { kind: 'passed' }, station: new RegExp(`^${device}, one connector, fixed`) })
    const { keys } = await readConfiguration(device)
    t.equal(keys.find(({ key }) => key === 'HeartbeatInterval')?.value, value, device)
  }
})

type Tamper = (frame: string, end: End) => readonly string[]

interface Wrong {
  readonly what: string
  readonly id: string
  readonly tamper?: Tamper
  readonly gatewayPorts?: (ports: Ports) => Ports
  readonly loadControl?: 'csms'
  readonly why: RegExp
}

/** Replaces in the frames that reach one end. */
const replaced =
  (at: End, found: RegExp, by: string): Tamper =>
  (frame, end) => [end === at ? frame.replace(found, by) : frame]

/** Gives a frame that matches to one end a second time, as another CALL. */
const twice =
  (at: End, found: RegExp): Tamper =>
  (frame, end) =>
    end === at && found.test(frame) ? [frame, frame.replace(/^\[2,"/, '[2,"again-')] : [frame]

/** Keeps a frame that matches back until the next has passed. */
function later(at: End, found: RegExp): Tamper {
  let kept: string | undefined
  return (frame, end) => {
    if (end !== at) return [frame]
    if (kept === undefined && found.test(frame)) {
      kept = frame
      return []
    }
    if (kept === undefined) return [frame]
    const both = [frame, kept]
    kept = undefined
    return both
  }
}

const WRONG: readonly Wrong[] = [
  {
    what: 'one digit of a meter value is another',
    id: '003',
    tamper: replaced('csms', /"meterStart":0/, '"meterStart":1'),
    why: /the CSMS got StartTransaction .*"meterStart":1.* which the station did not send/,
  },
  {
    what: 'white space is added',
    id: '003',
    tamper: replaced('csms', /"status":"Preparing"/, '"status": "Preparing"'),
    why: /which the station did not send/,
  },
  {
    what: 'a CALL nobody sent goes up',
    id: '017_2',
    tamper: (frame, end) =>
      end === 'csms' && frame.includes('NotSupported')
        ? [frame, '[2,"new","DataTransfer",{"vendorId":"X"}]']
        : [frame],
    why: /the CSMS got DataTransfer/,
  },
  {
    what: 'a status is told twice',
    id: '047',
    tamper: twice('csms', /"status":"Reserved"/),
    why: /\["Reserved","NoError",null\] twice for connector 1/,
  },
  {
    what: 'a command nobody gave goes down',
    id: '017_2',
    tamper: (frame, end) =>
      end === 'station' && frame.includes('UnlockConnector')
        ? [frame, '[2,"new","Reset",{"type":"Soft"}]']
        : [frame],
    why: /the station got Reset/,
  },
  {
    what: 'the answer of the CSMS is another',
    id: '003',
    tamper: replaced('station', /"parentIdTag":"GROUP-1"/, '"parentIdTag":"GROUP-2"'),
    why: /the csms's answer to (Authorize|StartTransaction) never came/,
  },
  {
    what: 'the answer of the station is another',
    id: '017_2',
    tamper: replaced('csms', /"NotSupported"/, '"UnlockFailed"'),
    why: /UnlockConnector was answered .*UnlockFailed/,
  },
  {
    what: 'an error reaches the station with another code',
    id: 'unknown_action',
    tamper: replaced('station', /"NotImplemented"/, '"GenericError"'),
    why: /what the station was answered, once: found \["GenericError"\]/,
  },
  {
    what: 'an error is told as a success to the CSMS',
    id: 'unknown_action',
    tamper: replaced('csms', /^\[4,("[^"]+"),"Not(Implemented|Supported)".*$/, '[3,$1,{}]'),
    why: /the CSMS was answered .*result/,
  },
  {
    what: 'the id of a session begun offline is not mapped',
    id: '028_offline',
    tamper: replaced('station', /(RemoteStopTransaction",\{"transactionId":)\d+/, '$11'),
    why: /RemoteStopTransaction was answered .*Rejected/,
  },
  {
    what: 'one of two profiles of a purpose stays',
    id: '067_purpose',
    tamper: replaced('csms', /"limit":32/, '"limit":9'),
    why: /with both cleared, A: found \[9\]/,
  },
  {
    what: 'the schedule of a vendor does not arrive',
    id: 'silent_schedule',
    tamper: replaced('station', /,"data":\[\{"startPeriod":0,"enable":1\}\]/, ''),
    why: /the station is not silent/,
  },
  {
    what: 'a station is answered before its message is durable',
    id: 'durable',
    gatewayPorts: ports => ({ ...ports, journal: forgetful(ports.journal) }),
    why: /never saw StartTransaction/,
  },
  {
    what: 'the interval of the heartbeats is another',
    id: 'heartbeat',
    tamper: replaced('station', /"interval":30/, '"interval":300'),
    why: /Heartbeats \[\] s after the boot, expected one after 30 s/,
  },
  {
    what: 'a stop for nobody is said to be one',
    id: '028',
    loadControl: 'csms',
    tamper: replaced('csms', /^(\[3,"[^"]+",)\{"status":"Rejected"\}\]/, '$1{"status":"Accepted"}]'),
    why: /RemoteStopTransaction was answered .*Accepted.*, expected Rejected/,
  },
  {
    what: 'one amp of its profile is another',
    id: '056',
    loadControl: 'csms',
    tamper: replaced('station', /"limit":10/, '"limit":11'),
    why: /the station got SetChargingProfile .*"limit":11.* which nobody sent/,
  },
  {
    what: 'Busbar lays a profile of its own beside it',
    id: '057',
    loadControl: 'csms',
    tamper: twice('station', /"SetChargingProfile"/),
    why: /the station got SetChargingProfile .* which nobody sent/,
  },
  {
    what: 'its remote start has lost the profile',
    id: '059',
    loadControl: 'csms',
    tamper: replaced('station', /,"chargingProfile":\{.*\}(?=\}\])/, ''),
    why: /the station got RemoteStartTransaction .* which nobody sent/,
  },
  {
    what: 'a clear goes no further than Busbar',
    id: '067',
    loadControl: 'csms',
    tamper: (frame, end) => (end === 'station' && frame.includes('"ClearChargingProfile"') ? [] : [frame]),
    why: /ClearChargingProfile ended as/,
  },
  {
    what: 'two messages change places',
    id: '044_2',
    tamper: later('csms', /"Downloading"/),
    why: /never saw|DownloadFailed/,
  },
]

for (const { what, id, tamper, gatewayPorts, loadControl, why } of WRONG) {
  t.test(`${id} fails when ${what}`, async t => {
    const [played] = await playPassThrough({
      quality: 'lab',
      only: [id],
      ...(gatewayPorts && { gatewayPorts }),
      ...(loadControl && { loadControl }),
      prepare: log => {
        if (tamper !== undefined) log.tamper = tamper
      },
    })
    t.match(played?.result, { kind: 'failed', why, frames: [/s .* -> /] })
  })
}

t.test('a second CALL while one is open is found, one after a timeout is none', async t => {
  const call = (id: string, atMs: number): Frame => ({
    end: 'station',
    way: 'in',
    connection: 0,
    atMs,
    kind: 'call',
    id,
    action: 'ClearChargingProfile',
    payload: {},
    payloadText: '{}',
  })
  t.match(faultsOf([call('1', 0), call('2', 1_000)], { hadOutage: false }), [
    /ClearChargingProfile on the way while ClearChargingProfile was open/,
  ])
  t.same(faultsOf([call('1', 0), call('2', 5_000)], { hadOutage: false }), [])
})
