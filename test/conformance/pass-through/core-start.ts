/**
 * Core as the CSMS sees it through Busbar: boots, sessions that begin, tags that are refused (seed 002 Appendix C rows
 * 1-24, 34-39; sequences of facts/ocpp16.md §5).
 */
import type { ConformanceCase, Mark } from '../case.js'
import { holds, text } from '../check.js'
import { allowed, auth, type Bench, msg, sn, TAGS } from './rig.js'

type Row = ConformanceCase<Bench>

const row = (id: string, title: string, mark: Mark, play: Row['play']): Row => ({
  id,
  title,
  profile: 'Core',
  mark,
  play,
})

const CACHE = { AuthorizationCacheEnabled: 'true', LocalPreAuthorize: 'true' }
/** ConnectionTimeOut of the model, and some. */
const TIME_OUT_MS = 25_000
/** Short enough to wait for: the default of one seed is 50 minutes. */
const BEAT_S = 30

export const CORE_START_CASES: readonly Row[] = [
  row('001', 'Cold Boot Charge Point', 'M', async bench => {
    const rig = await bench.open({ unbooted: true, heartbeatS: BEAT_S })
    rig.csms.setBoot('Rejected')
    await rig.sees(msg('BootNotification', {}))
    rig.csms.setBoot('Accepted')
    await rig.sees(...rig.bootSteps())
    await rig.sees(msg('Heartbeat', {}), msg('Heartbeat', {}))
  }),
  row('002', 'Cold Boot Charge Point - Pending', 'M', async bench => {
    const rig = await bench.open({ unbooted: true, heartbeatS: BEAT_S })
    rig.csms.setBoot('Pending')
    await rig.sees(msg('BootNotification', {}))
    const conf = await rig.command('GetConfiguration', { key: ['HeartbeatInterval'] })
    holds(conf.configurationKey?.length === 1, `GetConfiguration was answered ${text(conf)}`)
    await rig.answers('Accepted', 'ChangeConfiguration', { key: 'HeartbeatInterval', value: `${BEAT_S}` })
    rig.csms.setBoot('Accepted')
    await rig.sees(...rig.bootSteps())
    await rig.sees(msg('Heartbeat', {}))
  }),
  row('003', 'Regular Charging Session - Plugin First', 'C', async bench => {
    const rig = await bench.open()
    await rig.charging()
  }),
  row('004_1', 'Regular Charging Session - Identification First', 'C', async bench => {
    const rig = await bench.open()
    rig.tag()
    await rig.sees(auth(), sn('Preparing'))
    rig.plugIn()
    await rig.started({ idTag: TAGS.valid })
  }),
  row('004_2', 'Regular Charging Session - Identification First - ConnectionTimeOut', 'C', async bench => {
    const rig = await bench.open()
    rig.tag()
    await rig.sees(auth(), sn('Preparing'), sn('Available'))
    await rig.quiet(TIME_OUT_MS)
  }),
  row('006', 'One Reader for Multiple Connectors', 'O', async bench => {
    const rig = await bench.open({ connectors: 2 })
    await rig.charging(TAGS.valid, 1)
    await rig.charging(TAGS.other, 2)
  }),
  ...(['007_1', '007_2'] as const).map(id =>
    row(
      id,
      `Regular Start Charging Session - Cached Id - ${id === '007_1' ? 'Local' : 'Remote'}`,
      'C',
      async bench => {
        const rig = await bench.open({ settings: { ...CACHE, AuthorizeRemoteTxRequests: 'true' } })
        rig.tag()
        await rig.sees(auth(), sn('Preparing'), sn('Available'))
        if (id === '007_1') rig.tag()
        else await rig.answers('Accepted', 'RemoteStartTransaction', { idTag: TAGS.valid, connectorId: 1 })
        await rig.sees(sn('Preparing'))
        rig.plugIn()
        await rig.started({ idTag: TAGS.valid })
      },
    ),
  ),
  ...(['061_1', '061_2'] as const).map(id =>
    row(
      id,
      `Clear Authorization Data in Authorization Cache - ${id === '061_1' ? 'Local' : 'Remote'}`,
      'C',
      async bench => {
        const rig = await bench.open({ settings: { ...CACHE, AuthorizeRemoteTxRequests: 'true' } })
        rig.tag()
        await rig.sees(auth(), sn('Preparing'), sn('Available'))
        rig.tag()
        await rig.sees(sn('Preparing'), sn('Available'))
        await rig.answers('Accepted', 'ClearCache', {})
        if (id === '061_1') rig.tag()
        else await rig.answers('Accepted', 'RemoteStartTransaction', { idTag: TAGS.valid, connectorId: 1 })
        await rig.sees(auth())
      },
    ),
  ),
  row('010', 'Remote Start Charging Session - Cable Plugged in First', 'M', async bench => {
    const rig = await bench.open()
    rig.plugIn()
    await rig.sees(sn('Preparing'))
    await rig.answers('Accepted', 'RemoteStartTransaction', { idTag: TAGS.valid, connectorId: 1 })
    await rig.sees(auth())
    await rig.started({ idTag: TAGS.valid })
  }),
  row('011_1', 'Remote Start Charging Session - Remote Start First', 'M', async bench => {
    const rig = await bench.open()
    await rig.answers('Accepted', 'RemoteStartTransaction', { idTag: TAGS.valid, connectorId: 1 })
    await rig.sees(auth(), sn('Preparing'))
    rig.plugIn()
    await rig.started({ idTag: TAGS.valid })
  }),
  row('011_2', 'Remote Start Charging Session - Time Out', 'M', async bench => {
    const rig = await bench.open()
    await rig.answers('Accepted', 'RemoteStartTransaction', { idTag: TAGS.valid, connectorId: 1 })
    await rig.sees(auth(), sn('Preparing'), sn('Available'))
    await rig.quiet(TIME_OUT_MS)
  }),
  row('023', 'Start Charging Session - Authorize Invalid / Blocked / Expired', 'M', async bench => {
    const rig = await bench.open()
    rig.plugIn()
    await rig.sees(sn('Preparing'))
    for (const idTag of [TAGS.invalid, TAGS.blocked, TAGS.expired]) {
      rig.tag(idTag)
      await rig.sees(auth(idTag))
      await rig.quiet(10_000, 'StartTransaction')
    }
  }),
  row('023_4', 'Start Charging Session - Authorize Invalid - Local', 'M', async bench => {
    const rig = await bench.open()
    rig.tag(TAGS.invalid)
    await rig.sees(auth(TAGS.invalid))
    rig.plugIn()
    await rig.sees(sn('Preparing'))
    await rig.quiet(TIME_OUT_MS, 'StartTransaction')
  }),
  row('023_5', 'Start Charging Session - Authorize Invalid - Remote', 'M', async bench => {
    const rig = await bench.open()
    await rig.answers('Accepted', 'RemoteStartTransaction', { idTag: TAGS.invalid, connectorId: 1 })
    await rig.sees(auth(TAGS.invalid))
    rig.plugIn()
    await rig.sees(sn('Preparing'))
    await rig.quiet(TIME_OUT_MS, 'StartTransaction')
  }),
  row('024', 'Start Charging Session - Lock Failure', 'O', async bench => {
    const rig = await bench.open()
    rig.plugIn()
    await rig.sees(sn('Preparing'))
    rig.connector().setFault('ConnectorLockFailure')
    await rig.sees(sn('Faulted', 1, 'ConnectorLockFailure'))
    rig.tag()
    await rig.quiet(TIME_OUT_MS, 'StartTransaction')
  }),
  row('026', 'Remote Start Charging Session - Rejected', 'M', async bench => {
    const rig = await bench.open()
    await rig.charging()
    await rig.answers('Rejected', 'RemoteStartTransaction', { idTag: TAGS.other, connectorId: 1 })
    await rig.quiet(10_000, 'StartTransaction', 'StopTransaction')
  }),
  row('041', 'Fault Behavior', '-', async bench => {
    const rig = await bench.open()
    rig.connector().setFault('GroundFailure')
    await rig.sees(sn('Faulted', 1, 'GroundFailure'))
    rig.plugIn()
    rig.tag()
    await rig.quiet(TIME_OUT_MS, 'StartTransaction')
    rig.connector().setFault(undefined)
    await rig.sees(...allowed('Available'), sn('Preparing'))
  }),
]
