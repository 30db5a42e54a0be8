/** The calls of the page to its own server. Expected failures are values; a lost network is one of them. */

import type { ConfigurationRow } from '../../src/core/station/reported-limits.js'
import type { HistoryView, StationView } from '../../src/core/view/document.js'
import type { PhraseCode } from '../../src/core/words/english.js'
import type { SaidParams } from '../../src/core/words/said.js'
import type { SiteProof } from '../../src/web/site-reader.js'
import { ask } from './ask.js'
import { answerText, loadAnswers, refusalText } from './words/answer-words.js'
import { giving } from './words/give-limit.js'

export type { SiteProof }

export interface Lever {
  readonly id: string
  readonly label: string
  readonly phrase?: PhraseCode
  readonly params?: SaidParams
  readonly kind: 'unplugged' | 'wrong'
  readonly on: boolean
}

export type LoginOutcome = 'ok' | 'wrong' | 'throttled' | 'unreachable'

const asJson = { accept: 'application/json', 'content-type': 'application/json' }

export async function logIn(name: string, password: string): Promise<LoginOutcome> {
  const answer = await call('login', { name, password })
  if (answer === undefined) return 'unreachable'
  if (answer.ok) return 'ok'
  return answer.status === 429 ? 'throttled' : answer.status === 401 ? 'wrong' : 'unreachable'
}

/** Whether there is a configuration yet; true where nobody answers. */
export async function isSetUp(): Promise<boolean> {
  try {
    const answer = await fetch('healthz', { headers: { accept: 'application/json' } })
    if (answer.ok) return true
    const { reasons }: { reasons?: readonly { code: string }[] } = await answer.json()
    return reasons?.some(({ code }) => code === 'not-set-up') !== true
  } catch {
    // no answer, or one that is not Busbar's
    return true
  }
}

export async function logOut(): Promise<void> {
  await call('logout', {})
}

/** Undefined when it cannot be had now. */
export async function loadHistory(circuitId: string, seconds: number): Promise<HistoryView | undefined> {
  const query = new URLSearchParams({ circuit: circuitId, seconds: String(seconds) })
  const answer = await call(`history?${query}`)
  return answer?.ok ? answer.json() : undefined
}

/** The same of one station: its limit is what is kept free for it. */
export async function loadStationHistory(
  stationId: string,
  seconds: number,
): Promise<Omit<HistoryView, 'circuitId'> | undefined> {
  const answer = await call(`stations/${encodeURIComponent(stationId)}/history?seconds=${seconds}`)
  return answer?.ok ? answer.json() : undefined
}

/** The keys of a station; undefined when they cannot be had now. */
export async function loadConfiguration(stationId: string): Promise<readonly ConfigurationRow[] | undefined> {
  const answer = await call(`stations/${encodeURIComponent(stationId)}/configuration`)
  return answer?.ok ? (await answer.json()).keys : undefined
}

/** The stations as they are now; none when they cannot be had. */
export async function loadStations(): Promise<readonly StationView[]> {
  const answer = await call('status')
  return answer?.ok ? (await answer.json()).stations : []
}

/** Whether the station took it, at once or after a reboot. */
export async function changeKey(stationId: string, key: string, value: string): Promise<boolean> {
  const path = `stations/${encodeURIComponent(stationId)}/commands/ChangeConfiguration`
  const answer = await call(path, { key, value })
  if (answer?.ok !== true) return false
  return /"(Accepted|RebootRequired)"/.test(await answer.text())
}

/** Undefined in set-up mode, or when it cannot be had now. */
export async function loadProof(): Promise<SiteProof | undefined> {
  const answer = await call('proof')
  return answer?.ok ? answer.json() : undefined
}

/** Empty outside the demo. */
export async function loadLevers(): Promise<readonly Lever[]> {
  const answer = await call('demo/levers')
  return answer?.ok ? (await answer.json()).levers : []
}

/** The levers after the change; undefined when it failed. */
export async function setLever(id: string, on: boolean): Promise<readonly Lever[] | undefined> {
  const answer = await call('demo/levers', { id, on })
  return answer?.ok ? (await answer.json()).levers : undefined
}

/** False when it was refused or nobody answered. */
export async function isolateStation(id: string, isolated: boolean): Promise<boolean> {
  return (await call(`stations/${encodeURIComponent(id)}/isolation`, { isolated }))?.ok === true
}

/** Opens the window in which unknown stations may connect, or ends it. */
export async function openLearning(open: boolean): Promise<boolean> {
  return (await call('learn', { open }))?.ok === true
}

/** What it does to whom, or why it was not taken. */
export async function giveLimit(
  order: object,
): Promise<{ readonly isTaken: boolean; readonly text: string }> {
  const answer = await call('limits', order)
  if (answer === undefined) return { isTaken: false, text: giving('silent') }
  const said = await answer.json()
  await loadAnswers()
  if (answer.ok) return { isTaken: true, text: answerText(...said.parts) }
  return {
    isTaken: false,
    text: giving('notTaken', { what: await refusalText(said) }),
  }
}

/** Ends a limit that came through the API. */
export async function clearLimit(id: string): Promise<boolean> {
  const init = { method: 'DELETE', headers: asJson }
  return (await ask(`limits/${encodeURIComponent(id)}`, init))?.ok === true
}

export async function tryCsms(id: string): Promise<boolean> {
  return (await call(`stations/${encodeURIComponent(id)}/csms/try`, {}))?.ok === true
}

/** The next attempt of a link is made now; false when it was refused or nobody answered. */
export async function tryNow(path: string): Promise<boolean> {
  return (await call(path, {}))?.ok === true
}

export async function acknowledge(
  { code, about }: { readonly code: string; readonly about?: string },
  acknowledged: boolean,
): Promise<boolean> {
  const body = { code, ...(about !== undefined && { about }), acknowledged }
  return (await call('alarms/acknowledgement', body))?.ok === true
}

function call(path: string, body?: object): Promise<Response | undefined> {
  const posted = body !== undefined && { method: 'POST', body: JSON.stringify(body) }
  return ask(path, { headers: asJson, ...posted })
}
