/** `busbar replay`: what would have been given with another site, in lines for a terminal. */
import type { DecisionRecord } from '../core/control/decision.js'
import type { Reason } from '../core/control/reason.js'
import {
  type CarDifference,
  type Difference,
  parseWhatIf,
  replay,
  type WhatIf,
} from '../core/control/replay.js'
import type { Lasting } from '../core/control/replay-chain.js'
import { whyView } from '../core/view/why-words.js'
import type { DecisionStore } from '../store/decision-store.js'

const PAGE = 500

export interface ReplayQuestion {
  readonly fromWallMs: number
  readonly toWallMs: number
  readonly changes: readonly WhatIf[]
}

/** The question as it was typed, or what is wrong with it. */
export function replayQuestion(typed: {
  readonly from: string | undefined
  readonly to: string | undefined
  readonly whatIf: readonly string[]
}): ReplayQuestion | string {
  const fromWallMs = Date.parse(typed.from ?? '')
  const toWallMs = typed.to === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(typed.to)
  if (Number.isNaN(fromWallMs))
    return `--from: found "${typed.from ?? ''}", expected a time such as 2026-01-14T22:00:00Z`
  if (Number.isNaN(toWallMs)) return `--to: found "${typed.to}", expected a time such as 2026-01-15T06:00:00Z`
  const changes: WhatIf[] = []
  for (const text of typed.whatIf) {
    const change = parseWhatIf(text)
    if (change === undefined)
      return `--what-if: found "${text}", expected circuits.<id>.ratedCurrentA=<A> or circuits.<id>.marginA=<A>`
    changes.push(change)
  }
  return { fromWallMs, toWallMs, changes }
}

export async function replayLines(
  store: DecisionStore,
  question: ReplayQuestion,
): Promise<readonly string[]> {
  const records: DecisionRecord[] = []
  let fromMs = question.fromWallMs
  for (;;) {
    const page = await store.read(fromMs, question.toWallMs, PAGE)
    records.push(...page)
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) break
    fromMs = last.atWallMs + 1
  }
  const [first] = records
  const last = records.at(-1)
  if (first === undefined || last === undefined) return ['No decision was kept in this time.']
  const unknown = question.changes.filter(
    ({ circuitId }) => !records.some(({ circuits }) => circuits.some(({ id }) => id === circuitId)),
  )
  if (unknown.length > 0)
    return unknown.map(({ circuitId }) => `No circuit "${circuitId}" in these decisions.`)
  const { decisions, differing, cars, circuits } = replay(records, question.changes)
  return [
    `${decisions} decisions, ${new Date(first.atWallMs).toISOString()} to ${new Date(last.atWallMs).toISOString()}`,
    ...(differing > 0
      ? [`${differing} of them come out otherwise by themselves: kept by another version.`]
      : []),
    '',
    ...table('circuit', circuits),
    '',
    ...table('connector', cars),
    '',
    ...cars.flatMap(why),
    'Ampere-hours per phase as allocated. Each decision by itself: that a car would have been full sooner is not reckoned with.',
  ]
}

/** Why, before and after: what held for longest of the time. */
function why({ id, was, would }: CarDifference): readonly string[] {
  if (was === undefined || would === undefined) return []
  const line = (when: string, { chain, hours }: Lasting): string =>
    `  ${when.padEnd(6)} ${chain.map(linkOf).join(' > ')}  (${whyView(chain).text}) for ${hours.toFixed(1)} h`
  return [id, line('was', was), line('would', would), '']
}

function linkOf(reason: Reason): string {
  const [link] = whyView([reason]).chain
  return `${link?.name ?? reason.code} ${link?.valueA ?? reason.valueA} A`
}

function table(name: string, rows: readonly Difference[]): readonly string[] {
  const width = Math.max(name.length, ...rows.map(({ id }) => id.length))
  const line = (id: string, was: string, would: string, more: string): string =>
    `${id.padEnd(width)}  ${was.padStart(9)}  ${would.padStart(9)}  ${more.padStart(9)}`
  return [
    line(name, 'was Ah', 'would Ah', 'more Ah'),
    ...rows.map(({ id, wasAh, wouldAh }) =>
      line(id, tenths(wasAh), tenths(wouldAh), tenths(wouldAh - wasAh)),
    ),
  ]
}

const tenths = (valueAh: number): string => (Math.round(valueAh * 10) / 10).toFixed(1)
