/**
 * Parts of the plan that are played once more: the whole report of the WEMOB with its own model (seed 000), and what a
 * laboratory tries on a station that it drives itself (proxy rule 19).
 */
import type { PlayedCase } from './case.js'
import { playCentralSystem } from './central-system/play.js'
import { playPassThrough } from './pass-through/play.js'
import type { FurtherInput, Line } from './report.js'

/** Seed 000: what the WEMOB passed. 032_1 and the socket variants are ours. */
export const WEMOB_CASES: readonly string[] = (
  '001 002 003 004_1 004_2 005_2 005_3 007_1 007_2 008_1 008_2 010 011_1 011_2 012 013 014 015 016 ' +
  '017_2 018_2 019 021 023_4 023_5 026 028 031 032_2 034 036 037_1 037_2 037_3 038 039 042_1 042_2 043 043_2 043_3 ' +
  '046_1 046_2 047 048_2 048_3 051 052 053_1 053_2 054 055 056 057 058_1 058_2 059 060 061_1 061_2 062 066 067 068 069 ' +
  '070 071 072 082'
).split(' ')

/** With what the laboratory had set: its report does not say, the times of its cases do. */
export const WEMOB = {
  device: 'weg-wemob',
  // 017_2 and 018_2 are of a fixed cable, so all are
  fixedCable: true,
  settings: { ConnectionTimeOut: '20', AuthorizeRemoteTxRequests: 'true' },
} as const

/** What only passes where orders and profiles reach the station itself. */
export const DRIVEN_CASES = ['028', '056', '057', '059', '067'] as const

type Play = (quality: Line) => Promise<readonly PlayedCase[]>

const RUNS: readonly (readonly [name: string, play: Play])[] = [
  [
    'The WEMOB Station, through Busbar: all cases of its test report',
    quality => playPassThrough({ quality, only: WEMOB_CASES, station: WEMOB }),
  ],
  [
    'Driven by its CSMS (loadControl "csms"), through Busbar',
    quality => playPassThrough({ quality, only: DRIVEN_CASES, loadControl: 'csms' }),
  ],
  [
    'Driven by who gives the orders (loadControl "csms"), Busbar alone',
    quality => playCentralSystem({ quality, only: DRIVEN_CASES, loadControl: 'csms' }),
  ],
]

export async function playFurther(): Promise<readonly FurtherInput[]> {
  const further: FurtherInput[] = []
  for (const [name, play] of RUNS)
    further.push({ name, played: { lab: await play('lab'), worst: await play('worst') } })
  return further
}
