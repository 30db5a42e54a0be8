/** Local Auth List Management through Busbar (seed 002 Appendix C rows 59-67; facts/ocpp16.md §5). */
import type { ConformanceCase, Mark } from '../case.js'
import { same } from '../check.js'
import { type Bench, type Rig, sn, TAGS } from './rig.js'

type Row = ConformanceCase<Bench>

const row = (id: string, title: string, mark: Mark, play: Row['play']): Row => ({
  id,
  title,
  profile: 'Local Auth List Management',
  mark,
  play,
})

const ENABLED = { LocalAuthListEnabled: 'true', LocalPreAuthorize: 'true', AuthorizeRemoteTxRequests: 'true' }
const accepted = (idTag: string) => ({ idTag, idTagInfo: { status: 'Accepted' } })
const FIVE = [TAGS.valid, 'LIST-2', 'LIST-3', 'LIST-4', 'LIST-5'].map(accepted)

const full = (listVersion: number, list: readonly object[] = FIVE) => ({
  listVersion,
  updateType: 'Full',
  localAuthorizationList: list,
})
const differential = (listVersion: number, list: readonly object[] = [accepted('LIST-6')]) => ({
  listVersion,
  updateType: 'Differential',
  localAuthorizationList: list,
})

async function versionIs(rig: Rig, version: number): Promise<void> {
  const conf = await rig.command('GetLocalListVersion', {})
  same(conf.listVersion, version, 'listVersion')
}

export const LOCAL_LIST_CASES: readonly Row[] = [
  row('042_1', 'Get Local List Version - Not Supported', 'C', async bench => {
    const rig = await bench.open()
    await versionIs(rig, -1)
  }),
  row('042_2', 'Get Local List Version - Empty', 'M', async bench => {
    const rig = await bench.open({ settings: ENABLED })
    await versionIs(rig, 0)
  }),
  row('043', 'Send Local Authorization List', 'M', async bench => {
    const rig = await bench.open({ settings: ENABLED })
    await rig.answers('Accepted', 'SendLocalList', full(1))
    await versionIs(rig, 1)
    await rig.answers('Accepted', 'SendLocalList', differential(2))
    await versionIs(rig, 2)
  }),
  row('043_1', 'Send Local Authorization List - Not Supported', 'C', async bench => {
    const rig = await bench.open()
    await rig.answers('NotSupported', 'SendLocalList', full(1))
  }),
  row('043_2', 'Send Local Authorization List - Update Status = VersionMismatch', 'M', async bench => {
    const rig = await bench.open({ settings: ENABLED })
    await rig.answers('Accepted', 'SendLocalList', full(2))
    await rig.answers('Accepted', 'SendLocalList', differential(5))
    await versionIs(rig, 5)
    await rig.answers('VersionMismatch', 'SendLocalList', differential(4))
    await versionIs(rig, 5)
  }),
  row('043_3', 'Send Local Authorization List - Update Status = Failed', 'O', async bench => {
    const rig = await bench.open({ settings: ENABLED })
    const most = Number(rig.keyOf('SendLocalListMaxLength')?.default ?? 20)
    const many = Array.from({ length: most + 1 }, (_, index) => accepted(`LIST-${index}`))
    await rig.answers('Failed', 'SendLocalList', full(1, many))
    await versionIs(rig, 0)
  }),
  ...(['008_1', '008_2'] as const).map(id =>
    row(
      id,
      `Start Charging Session - Id in Authorization List - ${id === '008_1' ? 'Local' : 'Remote'}`,
      'M',
      async bench => {
        const rig = await bench.open({ settings: ENABLED })
        await versionIs(rig, 0)
        await rig.answers('Accepted', 'SendLocalList', full(1))
        if (id === '008_1') rig.tag()
        else await rig.answers('Accepted', 'RemoteStartTransaction', { idTag: TAGS.valid, connectorId: 1 })
        await rig.sees(sn('Preparing'))
        rig.plugIn()
        await rig.started({ idTag: TAGS.valid })
      },
    ),
  ),
]
