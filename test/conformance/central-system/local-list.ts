/**
 * Local Auth List Management (seed 002 Appendix C rows 60-66; sequences of facts/ocpp16.md §5). Where the Central System
 * judges tags by the station's list, what the station took and what it refused must show in Authorize.
 */
import type { ConformanceCase, Mark } from '../case.js'
import type { Order, Rig } from './rig.js'
import { status } from './rig.js'
import { authorize, booted } from './states.js'

type Row = ConformanceCase<Rig>

const row = (id: string, title: string, mark: Mark, play: Row['play']): Row => ({
  id,
  title,
  profile: 'Local Auth List Management',
  mark,
  play,
})

const version = (listVersion: number): Order => ({
  action: 'GetLocalListVersion',
  payload: {},
  answer: { kind: 'result', payload: { listVersion } },
})

const FIRST = 'TAG-FIRST'
const SECOND = 'TAG-SECOND'

const full = (answer: string): Order => ({
  action: 'SendLocalList',
  payload: {
    listVersion: 1,
    updateType: 'Full',
    localAuthorizationList: [
      { idTag: FIRST, idTagInfo: { status: 'Accepted' } },
      { idTag: SECOND, idTagInfo: { status: 'Blocked' } },
    ],
  },
  answer: status(answer),
  fixed: ['updateType'],
})

const differential = (listVersion: number, entry: object): Order => ({
  action: 'SendLocalList',
  payload: { listVersion, updateType: 'Differential', localAuthorizationList: [entry] },
  answer: status('Accepted'),
  fixed: ['updateType'],
})

export const LOCAL_LIST_CASES: readonly Row[] = [
  row('042_2', 'Get Local List Version (empty)', 'M', async rig => {
    await booted(rig)
    await rig.order(version(0))
  }),
  row('043_3', 'Send Local Authorization List - Failed', 'M', async rig => {
    await booted(rig)
    await rig.order(full('Failed'))
    // the list that failed is not taken: a tag that is not on it is as good as before
    if (rig.isBusbar) await authorize(rig, rig.tags.valid)
  }),
  row('043_4', 'Send Local Authorization List - Full', 'M', async rig => {
    await booted(rig)
    const { localAuthorizationList = [] } = await rig.order(full('Accepted'))
    for (const entry of localAuthorizationList)
      if (entry.idTagInfo === undefined) rig.station.faults.push('an entry of a full list has no idTagInfo')
    if (!rig.isBusbar) return
    await authorize(rig, FIRST)
    await authorize(rig, SECOND, 'Blocked')
    await authorize(rig, 'TAG-UNLISTED', 'Invalid')
  }),
  row('043_5', 'Send Local Authorization List - Differential', 'M', async rig => {
    await booted(rig)
    if (rig.isBusbar) await rig.order(full('Accepted'))
    await rig.order(version(1))
    await rig.order(differential(2, { idTag: SECOND, idTagInfo: { status: 'Accepted' } }))
    if (!rig.isBusbar) return
    await authorize(rig, FIRST)
    await authorize(rig, SECOND)
    await rig.order(differential(3, { idTag: FIRST }))
    await authorize(rig, FIRST, 'Invalid')
    await rig.order({ ...differential(3, { idTag: SECOND }), answer: status('VersionMismatch') })
    await authorize(rig, SECOND)
  }),
]
