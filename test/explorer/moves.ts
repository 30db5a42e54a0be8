/**
 * What can happen in a depot, as data and as a line of text an electrician can read. Time passes only by `wait`.
 * Everything a station, a network, a driver or an operator may do; nothing that breaks physics.
 */
import { REACTIONS, type Reaction } from './station.js'

export const CSMS_PLANS = [
  'sets no limit',
  'allows 8 A',
  'allows 0 A',
  'allows 8 A for 60 s',
  'allows 6 A from 30 s on',
] as const
export type CsmsPlan = (typeof CSMS_PLANS)[number]

export type Move =
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: StationMove; readonly station: string }
  | { readonly kind: 'start'; readonly at: string; readonly reaction: Reaction; readonly phases: 1 | 3 }
  | { readonly kind: 'stop' | 'sample'; readonly at: string }
  | { readonly kind: 'phases'; readonly at: string; readonly phases: 1 | 3 }
  | { readonly kind: 'wants'; readonly at: string; readonly amps: number }
  | { readonly kind: 'csms'; readonly station: string; readonly plan: CsmsPlan }
  | { readonly kind: 'station-clock'; readonly station: string; readonly seconds: number }
  | { readonly kind: 'busbar-clock'; readonly seconds: number }
  | { readonly kind: 'base'; readonly amps: number }
  | { readonly kind: SiteMove }

const STATION_MOVES = {
  unlink: ['', 'loses its link'],
  link: ['', 'connects'],
  stall: ['the line of', 'stalls'],
  flow: ['the line of', 'flows again'],
  'reach-station': ['', 'takes the next request'],
  'reach-busbar': ['', 'gets its next message through'],
  'lose-request': ['', 'never sees the next request'],
  'lose-answer': ['', 'answers in vain'],
  'boot-kept': ['', 'restarts with its profiles'],
  'boot-lost': ['', 'restarts without its profiles'],
  release: ['', 'is released by an operator'],
  'take-back': ['', 'is taken back by an operator'],
  remove: ['', 'is taken out of the configuration'],
  place: ['', 'is put into the configuration again'],
  'hand-over': ['', 'is handed over to its CSMS'],
  steer: ['', 'is steered by Busbar again'],
  drop: ['', 'is taken out of the running configuration'],
  'take-in': ['', 'is put into the running configuration'],
  rehang: ['', 'is hung on the other circuit'],
  'floor-up': ['', 'has a higher fail-safe from now on'],
  'floor-back': ['', 'has its old fail-safe again'],
} as const
type StationMove = keyof typeof STATION_MOVES

const SITE_MOVES = {
  kill: 'Busbar is killed',
  'kill-lost': 'Busbar is killed and its last records are lost',
  begin: 'Busbar starts',
  'meter-lost': 'the meter is lost',
  'meter-back': 'the meter is back',
  'disk-hangs': 'the disk hangs',
  'disk-fails': 'the disk fails',
  'disk-writes': 'the disk writes again',
  'window-opens': 'unknown stations may connect',
  'window-ends': 'unknown stations may no longer connect',
  'fuse-smaller': 'the main fuse is replaced by a smaller one',
  'fuse-back': 'the main fuse is the old one again',
  'meter-out': 'the meter is taken out of the running configuration',
  'meter-in': 'the meter is put into the running configuration',
} as const
type SiteMove = keyof typeof SITE_MOVES

const PHASE_WORDS = { 1: 'one-phase', 3: 'three-phase' } as const

/** The move as a sentence without its time; "" for a wait. */
export function sentenceOf(move: Move): string {
  switch (move.kind) {
    case 'wait':
      return ''
    case 'start':
      return `a ${move.reaction} ${PHASE_WORDS[move.phases]} car starts at ${move.at}`
    case 'stop':
      return `the session at ${move.at} ends`
    case 'sample':
      return `${move.at} reports its current`
    case 'phases':
      return `the car at ${move.at} changes to ${move.phases === 1 ? 'one phase' : 'three phases'}`
    case 'wants':
      return `the car at ${move.at} wants ${move.amps} A`
    case 'csms':
      return `the CSMS of ${move.station} ${move.plan}`
    case 'station-clock':
      return `the clock of ${move.station} jumps by ${move.seconds} s`
    case 'busbar-clock':
      return `the clock of Busbar jumps by ${move.seconds} s`
    case 'base':
      return `the other load is ${move.amps} A`
    default: {
      if (!('station' in move)) return SITE_MOVES[move.kind]
      const [before, after] = STATION_MOVES[move.kind]
      return before === '' ? `${move.station} ${after}` : `${before} ${move.station} ${after}`
    }
  }
}

const STATION = 'CP-\\d+'
const CONNECTOR = 'CP-\\d+/\\d+'

const READERS: readonly (readonly [RegExp, (found: readonly string[]) => Move | undefined])[] = [
  [
    new RegExp(`^a (\\w+) (one|three)-phase car starts at (${CONNECTOR})$`),
    ([word = '', phases, at = '']) => {
      const reaction = REACTIONS.find(known => known === word)
      return reaction && { kind: 'start', at, reaction, phases: phases === 'one' ? 1 : 3 }
    },
  ],
  [new RegExp(`^the session at (${CONNECTOR}) ends$`), ([at = '']) => ({ kind: 'stop', at })],
  [new RegExp(`^(${CONNECTOR}) reports its current$`), ([at = '']) => ({ kind: 'sample', at })],
  [
    new RegExp(`^the car at (${CONNECTOR}) changes to (one|three) phases?$`),
    ([at = '', phases]) => ({ kind: 'phases', at, phases: phases === 'one' ? 1 : 3 }),
  ],
  [
    new RegExp(`^the car at (${CONNECTOR}) wants (\\d+) A$`),
    ([at = '', amps]) => ({ kind: 'wants', at, amps: Number(amps) }),
  ],
  [
    new RegExp(`^the CSMS of (${STATION}) (.+)$`),
    ([station = '', words = '']) => {
      const plan = CSMS_PLANS.find(known => known === words)
      return plan && { kind: 'csms', station, plan }
    },
  ],
  [
    new RegExp(`^the clock of (${STATION}) jumps by (-?\\d+) s$`),
    ([station = '', seconds]) => ({ kind: 'station-clock', station, seconds: Number(seconds) }),
  ],
  [
    /^the clock of Busbar jumps by (-?\d+) s$/,
    ([seconds]) => ({ kind: 'busbar-clock', seconds: Number(seconds) }),
  ],
  [/^the other load is (\d+) A$/, ([amps]) => ({ kind: 'base', amps: Number(amps) })],
]

/** The move a sentence tells; undefined when it tells none. */
export function moveOf(sentence: string): Move | undefined {
  for (const [pattern, read] of READERS) {
    const found = pattern.exec(sentence)
    if (found !== null) return read(found.slice(1))
  }
  for (const kind of keysOf(SITE_MOVES)) if (SITE_MOVES[kind] === sentence) return { kind }
  const station = new RegExp(STATION).exec(sentence)?.[0]
  if (station === undefined) return undefined
  for (const kind of keysOf(STATION_MOVES)) {
    const move: Move = { kind, station }
    if (sentenceOf(move) === sentence) return move
  }
  return undefined
}

function keysOf<K extends string>(table: Readonly<Record<K, unknown>>): readonly K[] {
  const keys: K[] = []
  for (const key in table) keys.push(key)
  return keys
}
