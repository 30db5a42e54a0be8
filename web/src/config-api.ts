/** The calls of the configuration view. Expected failures are values. */

import type {
  ConfigurationChange,
  ConfigurationCheck,
  ConfigurationText,
} from '../../src/web/configuration-desk.js'
import { ask as askApi } from './ask.js'
import { answerText, loadAnswers, refusalText } from './words/answer-words.js'
import { frame } from './words/frame.js'

export type { ConfigurationChange, ConfigurationCheck, ConfigurationText }

/** What became of an edit: `text` says it to a person. */
export type Taken =
  | { readonly kind: 'restarts'; readonly text: string; readonly webPort: number }
  | { readonly kind: 'applied' | 'unchanged'; readonly text: string }
  | { readonly kind: 'faulty'; readonly text: string; readonly faults: ConfigurationCheck['faults'] }
  | { readonly kind: 'changed-meanwhile' | 'refused'; readonly text: string }

/** Undefined where the configuration cannot be had: in the demo, or without a connection. */
export async function loadConfig(): Promise<ConfigurationText | undefined> {
  const answer = await ask('GET', '')
  const tag = answer?.headers.get('etag')?.replaceAll('"', '')
  if (answer === undefined || tag === undefined) return undefined
  return answer.ok ? { tag, text: await answer.text() } : { tag }
}

/** `forbidden` = this user may only read. */
export async function checkConfig(text: string): Promise<ConfigurationCheck | 'forbidden' | undefined> {
  const answer = await ask('POST', '/check', text)
  if (answer?.status === 403) return 'forbidden'
  if (answer?.ok !== true) return undefined
  await loadAnswers()
  return answer.json()
}

export async function putConfig(text: string, tag: string): Promise<Taken> {
  return takenOf(await ask('PUT', '', text, tag))
}

export async function rollBackConfig(number: number, tag: string): Promise<Taken> {
  return takenOf(await ask('POST', '/rollback', JSON.stringify({ number }), tag))
}

export async function loadConfigHistory(): Promise<readonly ConfigurationChange[]> {
  const answer = await ask('GET', '/history')
  return answer?.ok ? (await answer.json()).changes : []
}

export async function loadConfigSchema(): Promise<unknown> {
  const answer = await ask('GET', '/schema')
  return answer?.ok ? answer.json() : undefined
}

/** Ids that may be named, by the name of the list; empty when they cannot be had now. */
export async function loadConfigChoices(): Promise<Readonly<Record<string, readonly string[]>>> {
  const answer = await ask('GET', '/choices')
  return answer?.ok ? answer.json() : {}
}

async function takenOf(answer: Response | undefined): Promise<Taken> {
  if (answer === undefined) return { kind: 'refused', text: frame('notKnown') }
  const body = await answer.json()
  await loadAnswers()
  if (answer.ok) {
    const { applies, webPort } = body
    const text = answerText(body)
    if (applies === 'restart') return { kind: 'restarts', text, webPort }
    return { kind: applies === 'live' ? 'applied' : 'unchanged', text }
  }
  const text = await refusalText(body)
  if (answer.status === 422) return { kind: 'faulty', text, faults: body.faults }
  return { kind: answer.status === 412 ? 'changed-meanwhile' : 'refused', text }
}

function ask(method: string, path: string, body?: string, tag?: string): Promise<Response | undefined> {
  const headers = {
    accept: 'application/json',
    'content-type': 'application/json',
    ...(tag !== undefined && { 'if-match': `"${tag}"` }),
  }
  return askApi(`config${path}`, { method, headers, ...(body !== undefined && { body }) })
}
