/**
 * The Central System column of the certification plan (seed 002, Appendix C), played against Busbar alone on a good line
 * and on the lab's worst (§8.2.2), in simulated time; and proof that a case can fail.
 */
import t from 'tap'
import type { Mutation } from './central-system/busbar-rig.js'
import { CENTRAL_SYSTEM_CASES, playCentralSystem } from './central-system/play.js'

for (const quality of ['lab', 'worst'] as const) {
  const played = await playCentralSystem({ quality })
  for (const { id, title, result } of played) {
    t.test(`${id} ${title} (${quality})`, async t => {
      if (result.kind === 'failed') t.fail(result.why)
      else t.pass(result.kind === 'passed' ? `${result.tookMs} ms` : `${result.kind}: ${result.why}`)
    })
  }
}

t.test(
  'the table has every id once, and each mandatory row is played or waits for the security profiles',
  async t => {
    const ids = CENTRAL_SYSTEM_CASES.map(({ id }) => id)
    t.equal(new Set(ids).size, ids.length)
    for (const { id, mark, play } of CENTRAL_SYSTEM_CASES)
      if (mark === 'M') t.type(play, 'function', `${id} is mandatory`)
  },
)

interface Wrong {
  readonly what: string
  readonly id: string
  readonly mutation: Mutation
  readonly why: RegExp
}

/** Replaces in the frames that reach the station. */
const replaced = (found: string | RegExp, by: string): Mutation => ({
  toStation: text => text.replace(found, by),
})

const WRONG: readonly Wrong[] = [
  {
    what: 'judges a tag wrongly',
    id: '004_1',
    mutation: replaced('"idTagInfo":{"status":"Accepted"', '"idTagInfo":{"status":"Blocked"'),
    why: /Authorize\.conf idTagInfo\.status: found "Blocked"/,
  },
  {
    what: 'lets an expired tag in',
    id: '023_2',
    mutation: replaced('"status":"Expired"', '"status":"Accepted"'),
    why: /found "Accepted", expected "Expired"/,
  },
  {
    what: 'answers against the schema',
    id: '000_BOOT',
    mutation: replaced(/"interval":\d+/, '"interval":"soon"'),
    why: /BootNotification\.conf\/interval/,
  },
  {
    what: 'never answers a Heartbeat',
    id: '000_BOOT',
    mutation: replaced(/^\[3,"[^"]+",\{"currentTime":"[^"]+"\}\]$/, ''),
    why: /Heartbeat ended as .*timeout/,
  },
  {
    what: 'gives another command than was ordered',
    id: '017_1',
    mutation: replaced('"UnlockConnector",{"connectorId":1}', '"UnlockConnector",{"connectorId":2}'),
    why: /never got UnlockConnector.*nobody ordered it/,
  },
  {
    what: 'gives a command against the schema',
    id: '013',
    mutation: replaced('{"type":"Hard"}', '{"type":"Cold"}'),
    why: /Reset\.req\/type/,
  },
  {
    what: 'tells the orderer another answer than the station gave',
    id: '030',
    mutation: { toOrderer: () => ({ kind: 'result', payload: { status: 'Unlocked' } }) },
    why: /what the orderer of UnlockConnector was told/,
  },
  {
    what: 'hides an error of the station from the orderer',
    id: '042_1',
    mutation: {
      toOrderer: answer =>
        answer.kind === 'error' ? { kind: 'result', payload: { listVersion: 0 } } : answer,
    },
    why: /what the orderer of GetLocalListVersion was told/,
  },
  {
    what: 'lets a station hold more than was commanded',
    id: '057',
    mutation: replaced('[{"startPeriod":0,"limit":6}]}}}]', '[{"startPeriod":0,"limit":16}]}}}]'),
    why: /16 A held .* where 6 A were commanded/,
  },
  {
    what: 'binds a profile to a transaction that does not run',
    id: '057',
    mutation: replaced(/"transactionId":(\d+),"stackLevel"/, '"transactionId":1$1,"stackLevel"'),
    why: /a TxProfile for transaction/,
  },
  {
    what: 'shows a composite that was not installed',
    id: '066',
    mutation: {
      toOrderer: answer =>
        answer.kind === 'result'
          ? {
              kind: 'result',
              payload: JSON.parse(JSON.stringify(answer.payload).replace('"limit":8', '"limit":9')),
            }
          : answer,
    },
    why: /the composite schedule: found/,
  },
  {
    what: 'takes a profile for a transaction that does not run',
    id: '058_1',
    mutation: { toOrderer: () => ({ kind: 'result', payload: { status: 'Accepted' } }) },
    why: /SetChargingProfile was answered Accepted/,
  },
]

for (const { what, id, mutation, why } of WRONG) {
  t.test(`${id} fails when the Central System ${what}`, async t => {
    const [played] = await playCentralSystem({ quality: 'lab', only: [id], mutation })
    t.match(played?.result, { kind: 'failed', why })
  })
}

t.test('a case that fails does not stop the others', async t => {
  const { mutation } = WRONG.find(wrong => wrong.id === '017_1') ?? { mutation: {} }
  const played = await playCentralSystem({ quality: 'lab', only: ['017_1', '019_1'], mutation })
  t.match(
    played.map(({ id, result }) => [id, result.kind]),
    [
      ['017_1', 'failed'],
      ['019_1', 'passed'],
    ],
  )
})
