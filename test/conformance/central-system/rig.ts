/**
 * What a case of the Central System suite works with: one scripted station, and somebody who can have the Central System
 * give a command. The cases know neither Busbar nor any other; two rigs stand behind this: Busbar in a simulated world,
 * and any Central System over real sockets.
 */
import type { WireAnswer } from '../../../src/sim/framing.js'
import type { Fields } from '../check.js'
import type { ScriptedStation } from './scripted-station.js'

/** idTags the Central System judges so; `sibling` shares its parentIdTag with `valid`. */
export interface Tags {
  readonly valid: string
  readonly invalid: string
  readonly expired: string
  readonly blocked: string
  readonly sibling: string
  readonly parent: string
}

export interface Order {
  readonly action: string
  readonly payload: Readonly<Record<string, unknown>>
  /** What the station answers. */
  readonly answer: WireAnswer
  /** What reaches the station where Busbar keeps a part for itself (the profile of a remote start). */
  readonly forwarded?: Readonly<Record<string, unknown>>
  /** Fields that decide the case: somebody else's order must have the same. */
  readonly fixed?: readonly string[]
}

/** Charging profiles: Busbar keeps the contract itself (control rule 8), another Central System sends it to the station. */
export interface ContractOrder {
  readonly action: 'SetChargingProfile' | 'ClearChargingProfile' | 'GetCompositeSchedule'
  readonly payload: Readonly<Record<string, unknown>>
  /** `status` of the answer, or the code of the CALLERROR that does as well. */
  readonly expected: readonly string[]
}

export interface Supply {
  /** Gone at once, and back some seconds later: every station has to dial again. */
  cut(): Promise<void>
  /** The session as the books of the Central System have it, by the names of their columns. */
  bookedOf(transactionId: number): Promise<Readonly<Record<string, string>> | undefined>
}

export interface Rig {
  readonly station: ScriptedStation
  readonly tags: Tags
  /** The Central System judges tags by the list it sent to the station. */
  readonly isBusbar: boolean
  /** Of the machine the Central System runs on; undefined where nobody can cut it. */
  readonly supply?: Supply
  /** Endpoint of the next security profile; undefined where nobody knows one. */
  readonly higherUrl?: string
  /**
   * Has the Central System give the command: the station gets exactly that, once at least, answers, and the orderer
   * reads exactly this answer. Gives the payload the station got.
   */
  order(order: Order): Promise<Fields>
  /** Gives the answer's payload where the Central System itself answers; undefined where the station did. */
  contract(order: ContractOrder): Promise<Fields>
  /** What the Central System must refuse by itself: Rejected or an error, and nothing reaches the station. */
  refused(action: string, payload: Readonly<Record<string, unknown>>): Promise<void>
  /** Makes `tags` known to the Central System, where that is done through the station's local list. */
  knowTags(): Promise<void>
}

export function status(name: string): WireAnswer {
  return { kind: 'result', payload: { status: name } }
}

export function callError(code: 'NotSupported' | 'PropertyConstraintViolation'): WireAnswer {
  return { kind: 'error', code, description: 'as the case wants it' }
}
