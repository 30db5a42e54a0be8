/** The calls while a site is put into service. Expected failures are values. */

import type { Shown } from '../../../src/web/meter-desk.js'
import type {
  CsmsTested,
  DrillRefusal,
  SetupView,
  SetupWish,
  StationWiringView,
} from '../../../src/web/setup-desk.js'
import type { SiteProof } from '../../../src/web/site-reader.js'
import { ask, read } from '../ask.js'
import { refusalText } from '../words/answer-words.js'

export type { CsmsTested, SetupView, Shown, SiteProof, StationWiringView }
export type DrillResult = SetupView['drills'][number]

const headers = { accept: 'application/json', 'content-type': 'application/json' }

/** Undefined where there is none: in the demo, for nobody but an admin, or without a connection. */
export const loadSetup = () => read<SetupView>('setup')

export async function keepSetup(wish: SetupWish): Promise<SetupView | 'changed' | 'failed'> {
  const answer = await send('PUT', 'setup', wish)
  if (answer?.ok) return answer.json()
  return answer?.status === 409 ? 'changed' : 'failed'
}

export interface FoundUnit {
  readonly where: string
  readonly unitId: number
  readonly connection: Readonly<Record<string, unknown>>
  readonly models: readonly {
    readonly device: string
    readonly manufacturer: string
    readonly model: string
    readonly confidence: string
    readonly values: Shown
  }[]
}

/** What hangs there; a text says why not. */
export async function scanMeters(host: string, unitIds: string): Promise<readonly FoundUnit[] | string> {
  const answer = await send('POST', 'meters/scan', { hosts: host === '' ? [] : [host], unitIds })
  if (answer === undefined) return ''
  const body = await answer.json()
  if (!answer.ok) return refusalText(body)
  return body.lines.flatMap(({ where, units }: { where: string; units: readonly FoundUnit[] }) =>
    units.map(unit => ({ ...unit, where })),
  )
}

export async function readMeter(wish: object): Promise<Shown | 'in use' | undefined> {
  const answer = await send('POST', 'meters/read', wish)
  if (answer?.ok) return answer.json()
  return answer?.status === 409 ? 'in use' : undefined
}

export async function testCsms(wish: object): Promise<CsmsTested | string> {
  const answer = await send('POST', 'setup/csms-test', wish)
  if (answer === undefined) return ''
  const body = await answer.json()
  return answer.ok ? body : refusalText(body)
}

export const loadWiring = (stationId: string) => read<StationWiringView>(wiringPath(stationId))

export async function runWiring(stationId: string, running: boolean): Promise<StationWiringView | undefined> {
  const answer = await send('POST', wiringPath(stationId), { running })
  return answer?.ok ? answer.json() : undefined
}

/** What refuses it; undefined when it runs, or is given up as was wanted. */
export async function runDrill(order: object): Promise<DrillRefusal | 'no-answer' | undefined> {
  const answer = await send('POST', 'setup/drill', order)
  if (answer?.ok) return undefined
  return answer?.status === 409 ? (await answer.json()).found : 'no-answer'
}

export interface RestartTold {
  readonly needs: readonly string[]
  readonly sessions: number
  readonly links: number
  readonly inS?: number
}

export const loadRestart = () => read<RestartTold>('restart')

/** A text says why not. */
export async function restartNow(): Promise<RestartTold | string> {
  const answer = await send('POST', 'restart', {})
  if (answer === undefined) return ''
  const body = await answer.json()
  return answer.ok ? body : refusalText(body)
}

const wiringPath = (id: string) => `stations/${encodeURIComponent(id)}/wiring`

function send(method: string, path: string, body: object): Promise<Response | undefined> {
  return ask(path, { method, headers, body: JSON.stringify(body) })
}
