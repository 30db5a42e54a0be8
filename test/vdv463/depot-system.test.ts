/** Depot systems by VDV 463: who gets in, what is answered, what is told, and what a list of requests becomes. */
import { once } from 'node:events'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import t from 'tap'
import { WebSocket } from 'ws'
import { createClock } from '../../src/adapters/clock.js'
import { createNetwork } from '../../src/adapters/network.js'
import { createSecrets } from '../../src/adapters/secrets.js'
import type { DepartureOrder } from '../../src/core/config/limit-order.js'
import { siteConfigSchema } from '../../src/core/config/site.js'
import type { OrderOutcome } from '../../src/core/control/order-desk.js'
import { refusal } from '../../src/core/words/refused.js'
import { DepotWishes } from '../../src/gateway/depot-system.js'
import type { Log } from '../../src/ports.js'
import { depotInfo } from '../../src/vdv463/information.js'
import type { ChargingRequest } from '../../src/vdv463/messages.js'
import { startDepotSystemServer } from '../../src/vdv463/server.js'
import { ca, identity } from '../adapters/fixtures/pki.js'
import { siteView, station } from '../mqtt/fixtures/site.js'

/** With departures that are all possible. */
function wishesFor(site: {
  readonly vehicles: readonly object[]
  readonly priorityFirst?: 'lowest' | 'highest' | undefined
  take(order: DepartureOrder): Promise<void>
}): DepotWishes {
  const { priorityFirst, vehicles, take } = site
  const config = siteConfigSchema.parse({
    version: 1,
    site: { id: 's', timeZone: 'UTC' },
    circuits: [{ id: 'main', ratedCurrentA: 64, worstCaseOtherLoadA: 0 }],
    ...{ stations: [], vehicles },
    vdv463: { username: 'bms', passwordSecret: 'bms', ...(priorityFirst && { priorityFirst }) },
  })
  return new DepotWishes({
    config: () => config,
    wallMs: () => Date.parse(NOW),
    claims: { tagAt: () => 'TAG-7' },
    orders: {
      departure: async (_from, order): Promise<OrderOutcome> => {
        await take(order)
        return { kind: 'done', done: { dryRun: false, text: '', parts: [], isDurable: true } }
      },
    },
  })
}

const SILENT = { write: () => undefined }
const NOW = '2026-11-26T12:00:00Z'
const REQUEST: ChargingRequest = {
  vehicleId: 'bus 7',
  chargingRequestId: 'cr-1',
  chargingRequestData: {
    ...{ expectedSocAtArrival: 20, minTargetSoc: 80, maxTargetSoc: 95 },
    requestedTimeForDeparture: '2026-11-27T05:30:00Z',
  },
}

/** What the public schema of version 1.0.0 asks of ProvideChargingInformation, as far as it concerns what is sent here. */
const text = { type: 'string' }
const closed = (required: readonly string[], properties: object) => ({
  ...{ type: 'object', additionalProperties: false, required, properties },
})
const PREDICTION = closed([], {
  chargingPredictionDataDepartureTime: closed(['predictedDepartureTimeSoc', 'predictedTime'], {
    predictedDepartureTimeSoc: { type: 'number' },
    predictedTime: { type: 'string', format: 'date-time' },
  }),
})
const PROCESS = closed(
  ['chargingProcessId', 'processStatus', 'startTime', 'chargingPredictionData', 'electricData'],
  {
    ...{ presystemId: text, chargingRequestId: text, chargingProcessId: text },
    processStatus: { enum: ['Preparing', 'Charging', 'SuspendedEVSE', 'SuspendedEV', 'Finishing', 'Queued'] },
    startTime: { type: 'string', format: 'date-time' },
    chargingPredictionData: PREDICTION,
    electricData: closed(['chargingPower'], { chargingPower: { type: 'number' } }),
    deliveredEnergy: { type: 'number' },
  },
)
const POINT_FAULT = closed(['chargingPointFaultCode', 'faultTimeStamp'], {
  chargingPointFaultCode: {
    enum: ['NoFaultKnown', 'UsageFailure', 'CommunicationFailure', 'OtherChargingPointFailure'],
  },
  ...{ faultText: text, faultTimeStamp: { type: 'string', format: 'date-time' } },
})
const POINT = closed(['chargingPointId', 'chargingPointStatus'], {
  chargingPointFaultInfo: POINT_FAULT,
  chargingPointId: text,
  chargingPointStatus: { enum: ['Available', 'Occupied', 'Reserved', 'Unavailable', 'Faulted'] },
  ...{ presentPower: { type: 'number' }, energyMeterReading: { type: 'number' } },
  chargingProcessInfo: PROCESS,
})
const STATION = closed(['chargingStationId', 'chargingStationStatus', 'chargingPointInfoList'], {
  chargingStationId: text,
  chargingStationStatus: { enum: ['Available', 'Unavailable', 'Faulted'] },
  totalPower: { type: 'number' },
  chargingPointInfoList: { type: 'array', items: POINT },
})
const DEPOT = closed(['depotId', 'chargingStationInfoList'], {
  ...{ depotId: text, name: text },
  chargingStationInfoList: { type: 'array', items: STATION },
})
const INFORMATION = closed(['depotInfoList'], { depotInfoList: { type: 'array', items: DEPOT } })

t.test('a depot system boots, orders, is told the depot every 15 s, and nobody else gets in', async t => {
  const root = await ca()
  const taken: (readonly ChargingRequest[])[] = []
  const logged: unknown[][] = []
  const log: Log = {
    write: (level, event, facts) =>
      void (level === 'warn' && facts?.words && logged.push([event, facts.words])),
  }
  const server = await startDepotSystemServer({
    ports: {
      ...{ clock: createClock({ speed: 20 }), log },
      ...{ network: createNetwork(SILENT), secrets: createSecrets() },
    },
    ...{ host: '127.0.0.1', port: 0, username: 'bms', password: 'gehe:im' },
    tls: { identities: [await identity(root, { names: ['127.0.0.1'] })] },
    view: () => siteView([station('CP-1')]),
    take: async (_presystem, requests) => {
      taken.push(requests)
      const missing = requests.length > 1 ? ['cr-2: 3.8 kWh are missing'] : []
      const notDone = requests.some(one => one.automaticPreconditioning) ? ['cr-1: not started'] : []
      return { missing, notDone }
    },
    planOf: () => undefined,
  })
  t.teardown(() => server.stop())
  const url = `wss://127.0.0.1:${server.port}/vdv463`
  const dial = (auth: string, protocol: string, to = url) =>
    new WebSocket(to, protocol, { ca: root.certificatePem, ...(auth !== '' && { auth }) })
  const refusal = async (socket: WebSocket): Promise<string> => String((await once(socket, 'error'))[0])
  t.match(await refusal(dial('', 'v1.463.vdv.de')), '401')
  t.match(await refusal(dial('bms:geheim', 'v1.463.vdv.de')), '401')
  t.match(await refusal(dial('bms:gehe:im', 'ocpp1.6')), '400')
  await refusal(dial('bms:gehe:im', 'v1.463.vdv.de', url.replace('wss', 'ws')))

  const socket = dial('bms:gehe:im', 'v1.463.vdv.de')
  t.teardown(() => socket.terminate())
  await once(socket, 'open')
  t.equal(socket.protocol, 'v1.463.vdv.de')
  const heard: unknown[][] = []
  let wake: (() => void) | undefined
  socket.on('message', data => {
    heard.push(JSON.parse(data.toString()))
    wake?.()
  })
  const next = async (): Promise<unknown[]> => {
    for (;;) {
      const first = heard.shift()
      if (first !== undefined) return first
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
  }
  const ask = (action: string, payload: object, presystem = 'P1') =>
    socket.send(JSON.stringify([1, 'BMS', presystem, NOW, `id-${action}`, action, payload]))
  ask('ProvideChargingRequests', { chargingRequestList: [REQUEST] })
  t.match(await next(), [
    3,
    'CMS',
    'P1',
    String,
    'id-ProvideChargingRequests',
    'ProvideChargingRequests',
    { errorMessage: /BootNotification comes first/ },
  ])
  ask('BootNotification', { presystem: 'VW' })
  t.match(await next(), [
    3,
    'CMS',
    'P1',
    String,
    'id-BootNotification',
    'BootNotification',
    { errorMessage: /presystem/ },
  ])
  ask('BootNotification', { presystem: 'BMS' })
  t.match(await next(), [
    2,
    'CMS',
    'P1',
    String,
    'id-BootNotification',
    'BootNotification',
    { status: 'Accepted' },
  ])
  for (let time = 0; time < 2; time++) {
    const told = await next()
    t.match(told, [
      1,
      'CMS',
      'P1',
      String,
      /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/,
      'ProvideChargingInformation',
    ])
    t.match(told[6], { depotInfoList: [{ chargingStationInfoList: [{ chargingStationId: 'CP-1' }] }] })
  }
  const answered = async (): Promise<unknown[]> => {
    for (;;) {
      const one = await next()
      if (one[0] !== 1) return one
    }
  }
  ask('ProvideChargingRequests', { chargingRequestList: [REQUEST] })
  t.same((await answered())[6], {})
  t.match(taken[0], [REQUEST])
  ask('ProvideChargingRequests', {
    chargingRequestList: [REQUEST, { ...REQUEST, chargingRequestId: 'cr-2' }],
  })
  t.match(await answered(), { 0: 3, 6: { errorMessage: 'cr-2: 3.8 kWh are missing' } })
  const warm = { ...REQUEST, automaticPreconditioning: { preconditioningRequest: 'HotWaterAndHeating' } }
  for (let turn = 0; turn < 2; turn++) {
    ask('ProvideChargingRequests', { chargingRequestList: [warm] })
    const [type, , , , , , payload] = await answered()
    t.strictSame([type, payload], [2, {}], 'a confirmation has no other key')
  }
  t.strictSame(logged, [['vdv463 not done', 'cr-1: not started']], 'said in words, and once')
  const [soc] = [{ ...REQUEST.chargingRequestData, minTargetSoc: 800 }]
  ask('ProvideChargingRequests', { chargingRequestList: [{ ...REQUEST, chargingRequestData: soc }] })
  t.match(await answered(), { 0: 3, 6: { errorMessage: /minTargetSoc/ } })
  ask('ProvideChargingRequests', { chargingRequestList: [] }, 'P2')
  t.match(await answered(), { 0: 3, 6: { errorMessage: /another presystem/ } })
  t.equal(taken.length, 4)
  socket.send('[1,"BMS",')
  t.equal((await once(socket, 'close'))[0], 1007)
  const hasty = dial('bms:gehe:im', 'v1.463.vdv.de')
  await once(hasty, 'open')
  for (let n = 0; n < 300; n++)
    hasty.send(JSON.stringify([2, 'BMS', 'P1', NOW, `${n}`, 'BootNotification', {}]))
  t.equal((await once(hasty, 'close'))[0], 1008)
})

t.test('the depot is told as the public schema has it; what is not known is left out', async t => {
  const ajv = new Ajv({ strict: false })
  addFormats.default(ajv)
  const fits = ajv.compile(INFORMATION)
  const [bare] = siteView([station('CP-1')]).stations
  const [one] = bare?.connectors ?? []
  if (bare === undefined || one === undefined) throw new Error('no station')
  const since = '2026-11-26T10:00:00.000Z'
  const busy = {
    ...{ ...one, status: 'Charging' as const, powerW: 11_000, importWh: 5_000 },
    transaction: { id: 7, since, energyWh: 1_234 },
  }
  const notDone = { text: 'preconditioning is not started from here', at: NOW }
  const plan = { presystemId: 'P1', request: REQUEST, departureSoc: 71.5, notDone }
  const views = [one, busy, { ...busy, powerW: undefined }, { ...one, status: 'Faulted' as const }].map(
    connector => {
      const { powerW, ...rest } = connector
      const told = { ...rest, ...(powerW !== undefined && { powerW }) }
      return siteView([{ ...bare, connectors: [told] }])
    },
  )
  for (const view of views) t.ok(fits(depotInfo(view, () => plan)), JSON.stringify(fits.errors))
  t.match(
    depotInfo(views[1] ?? siteView([]), () => plan),
    {
      depotInfoList: [
        {
          chargingStationInfoList: [
            {
              chargingPointInfoList: [
                {
                  ...{ chargingPointId: 'CP-1/1', chargingPointStatus: 'Occupied', presentPower: 11 },
                  chargingPointFaultInfo: { chargingPointFaultCode: 'NoFaultKnown', faultText: notDone.text },
                  chargingProcessInfo: {
                    ...{ chargingRequestId: 'cr-1', processStatus: 'Charging', deliveredEnergy: 1_234 },
                    chargingPredictionData: {
                      chargingPredictionDataDepartureTime: { predictedDepartureTimeSoc: 71.5 },
                    },
                  },
                },
              ],
            },
          ],
        },
      ],
    },
  )
  t.notMatch(JSON.stringify(depotInfo(views[2] ?? siteView([]), () => plan)), 'chargingProcessInfo')
})

t.test(
  'priority is used where its first end is said, and preconditioning is energy beside the battery',
  async t => {
    const vehicles = [{ idTag: 'TAG-7', name: 'bus 7', batteryWh: 100_000 }]
    const manualPreconditioning = {
      hvacPreconditioningStartTime: '2026-11-27T05:00:00Z',
      ...{ hvacAuxiliaryConsumerPower: 20, systemAuxiliaryConsumerPower: 1 },
      systemPreconditioningStartTime: '2026-11-26T05:30:00Z',
    }
    const asked = async (priorityFirst: 'lowest' | 'highest' | undefined, request: ChargingRequest) => {
      const orders: DepartureOrder[] = []
      await wishesFor({ vehicles, priorityFirst, take: async order => void orders.push(order) }).take('P1', [
        request,
      ])
      return orders[0]
    }
    t.equal((await asked(undefined, { ...REQUEST, priority: 1 }))?.priorityClass, undefined)
    for (const [first, priority, priorityClass] of [
      ['lowest', 1, 1],
      ['lowest', 40, 9],
      ['highest', 9, 1],
      ['highest', 1, 9],
      ['highest', -3, 9],
    ] as const)
      t.equal(
        (await asked(first, { ...REQUEST, priority }))?.priorityClass,
        priorityClass,
        `${first} ${priority}`,
      )
    t.equal((await asked('lowest', REQUEST))?.priorityClass, undefined)
    const warm = { ...REQUEST, manualPreconditioning }
    t.equal(
      (await asked(undefined, warm))?.energyWh,
      60_000 + 10_000 + 4_000,
      'kW: half an hour, and 4 h at most',
    )
    const full = {
      ...warm,
      chargingRequestData: { ...REQUEST.chargingRequestData, expectedSocAtArrival: 90 },
    }
    t.equal((await asked(undefined, full))?.energyWh, 14_000)
  },
)

t.test(
  'preconditioning: what it takes is kept where anybody says it, and that it is not started is said',
  async t => {
    const orders: DepartureOrder[] = []
    const of = (vehicle: object) =>
      wishesFor({
        vehicles: [{ idTag: 'TAG-7', name: 'bus 7', batteryWh: 100_000, ...vehicle }],
        take: async order => void orders.push(order),
      })
    const automatic = (preconditioningRequest: string) => ({
      ...REQUEST,
      automaticPreconditioning: { preconditioningRequest },
    })
    const manual = {
      ...REQUEST,
      manualPreconditioning: {
        hvacPreconditioningStartTime: '2026-11-27T05:00:00Z',
        systemPreconditioningStartTime: '2026-11-27T05:00:00Z',
      },
    }
    const [told, untold] = [of({ preconditioningWh: 7_000 }), of({})]
    for (const [wishes, request, energyWh, words] of [
      [untold, automatic('HotWaterAndHeating'), 60_000, /nothing is kept for it.*the rest is taken$/],
      [untold, manual, 60_000, /nothing is kept for it/],
      [
        told,
        automatic('NoWaterCoolingOrVentilation'),
        67_000,
        /not started from here; what it takes is kept$/,
      ],
      [told, manual, 67_000, /what it takes is kept$/],
      [told, automatic('NoClimaticPreconditioningOrSNA'), 60_000, undefined],
      [told, automatic('SNA'), 60_000, undefined],
    ] as const) {
      orders.length = 0
      for (let turn = 0; turn < 2; turn++) {
        const { missing, notDone } = await wishes.take('P1', [request])
        t.same(missing, [], 'it is no error')
        t.match(notDone, words === undefined ? [] : [words], `${JSON.stringify(request)}, turn ${turn}`)
      }
      t.strictSame(
        orders.map(order => order.energyWh),
        [energyWh],
      )
      t.match(
        wishes.planOf('CP-1', 1)?.notDone,
        words === undefined ? undefined : { text: words, at: /^2026-11-26T12/ },
      )
      await wishes.take('P1', [])
    }
  },
)

t.test('lists of one depot system over two connections are taken one after another', async t => {
  const vehicles = [{ idTag: 'TAG-7', name: 'bus 7' }]
  const orders: DepartureOrder[] = []
  const slow: { go?: () => void } = {}
  const wishes = wishesFor({
    vehicles,
    take: async order => {
      orders.push(order)
      if (slow.go === undefined)
        await new Promise<void>(resolve => {
          slow.go = resolve
        })
    },
  })
  const first = wishes.take('P1', [REQUEST])
  const second = wishes.take('P1', [])
  const third = wishes.take('P2', [{ ...REQUEST, chargingRequestId: 'cr-9' }])
  await new Promise(resolve => setImmediate(resolve))
  t.equal(orders.length, 1, 'the second list waits for the first')
  slow.go?.()
  await Promise.all([first, second, third])
  t.strictSame(
    orders.map(({ id, withdraw }) => [id, withdraw]),
    [
      ['cr-1', false],
      ['cr-1', true],
      ['cr-9', false],
    ],
  )
  await wishes.take('P1', [REQUEST])
  orders.splice(0)
  await wishes.take('P1', [])
  t.strictSame(
    orders.map(({ id, withdraw }) => [id, withdraw]),
    [
      ['cr-1', true],
      ['cr-9', false],
    ],
    'what another depot system wants of the bus holds again',
  )
  for (let system = 0; system < 15; system++) await wishes.take(`X${system}`, [REQUEST])
  t.match(await wishes.take('Y', [REQUEST]), { missing: ['16 depot systems have requests already'] })
})

t.test(
  'a list becomes departures; what is not possible is said by how much, what is in it no more is withdrawn',
  async t => {
    const config = siteConfigSchema.parse({
      version: 1,
      site: { id: 's', timeZone: 'UTC' },
      circuits: [{ id: 'main', ratedCurrentA: 64, worstCaseOtherLoadA: 0 }],
      stations: [],
      vehicles: [
        { idTag: 'TAG-7', name: 'bus 7', batteryWh: 100_000 },
        { idTag: 'TAG-8', name: 'bus 8' },
      ],
    })
    const orders: DepartureOrder[] = []
    const wishes = new DepotWishes({
      config: () => config,
      wallMs: () => Date.parse(NOW),
      claims: { tagAt: stationId => (stationId === 'CP-1' ? 'tag-7' : undefined) },
      orders: {
        departure: async (_from, order): Promise<OrderOutcome> => {
          orders.push(order)
          const words = { energy: '60 kWh', until: '06:30', possible: '56.2 kWh', short: '3.8 kWh' }
          const why = { ...refusal('not-possible', words), shortWh: 3_800 }
          if (order.energyWh !== undefined && !order.orLess) return { kind: 'refused', why }
          const departure = { promised: false, possibleWh: 56_200, shortWh: 3_800 }
          return { kind: 'done', done: { dryRun: false, text: '', parts: [], isDurable: true, departure } }
        },
      },
    })
    const second = { ...REQUEST, vehicleId: 'bus 8', chargingRequestId: 'cr-2' }
    const third = { ...REQUEST, vehicleId: 'tram', chargingRequestId: 'cr-3' }
    t.same((await wishes.take('P1', [REQUEST, second, third])).missing, [
      'cr-1: not possible: 3.8 kWh are missing; it is charged as far as that goes',
      'cr-3: no such vehicle',
    ])
    t.match(orders, [
      { vehicle: 'TAG-7', energyWh: 60_000, departureAt: '2026-11-27T05:30:00Z', orLess: false },
      { vehicle: 'TAG-7', orLess: true },
      { vehicle: 'TAG-8' },
    ])
    t.equal(orders[2]?.energyWh, undefined, 'of a battery nobody knows no percent makes Wh')
    t.match(wishes.planOf('CP-1', 1), { presystemId: 'P1', departureSoc: 76.2 })
    t.equal(wishes.planOf('CP-2', 1), undefined)
    orders.length = 0
    t.equal((await wishes.take('P1', [REQUEST, second, third])).missing.length, 2, 'said again')
    t.same(orders, [], 'and nothing done again')
    await wishes.take('P1', [{ ...second, chargingInstruction: 'Terminate' }])
    t.match(orders, [
      { vehicle: 'TAG-7', withdraw: true },
      { vehicle: 'TAG-8', withdraw: true },
    ])
    t.equal(wishes.planOf('CP-1', 1), undefined)
  },
)
