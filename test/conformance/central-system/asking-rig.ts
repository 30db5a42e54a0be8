/**
 * Any Central System over real sockets. Nobody here can order anything of it: the operator in front of it is asked to,
 * and waited for. A command that never comes makes the case not applicable, never failed.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Clock, Network } from '../../../src/ports.js'
import { callFault, type Fields, holds, NotOrdered } from '../check.js'
import { profileFault } from './profile-memory.js'
import type { ContractOrder, Order, Rig, Tags } from './rig.js'
import { type Rule, ScriptedStation } from './scripted-station.js'

export interface AskingOptions {
  readonly ports: { readonly clock: Clock; readonly network: Network }
  /** Endpoint without the identity. */
  readonly url: string
  /** Known to the Central System. */
  readonly stationId: string
  /** Basic authentication; absent = none is sent. */
  readonly password?: string
  /** How long the operator has for one command. */
  readonly waitForOrderMs: number
  /** Tells the operator what to do, one line. */
  ask(line: string): void
  /** As the Central System knows them; a case that needs another one does not apply. */
  readonly tags: Pick<Tags, 'valid'> & Partial<Tags>
}

export class AskingRig implements Rig {
  readonly isBusbar = false
  readonly station: ScriptedStation
  readonly tags: Tags

  constructor(private readonly options: AskingOptions) {
    const { ports, url, stationId: id, password } = options
    this.station = new ScriptedStation({ ports, url, id, password, isAlone: false })
    this.tags = givenTags(options.tags)
  }

  order({ action, payload, answer, fixed = [] }: Order): Promise<Fields> {
    return this.#wait(payload, {
      action,
      matches: got => fixed.every(key => isDeepStrictEqual(got[key], payload[key])),
      answer,
    })
  }

  async contract({ action, payload }: ContractOrder): Promise<Fields> {
    const purposeOf = (of: Fields): unknown => of.csChargingProfiles?.chargingProfilePurpose
    const got = await this.#wait(payload, {
      action,
      matches: got => purposeOf(got) === purposeOf(payload),
      answer: 'own',
    })
    if (action !== 'SetChargingProfile') return undefined
    const fault = profileFault(got, transactionOf(got))
    holds(fault === undefined, `${action}: ${fault}`)
    return undefined
  }

  /** What a Central System refuses by itself cannot be seen from the station. */
  async refused(): Promise<void> {}

  async knowTags(): Promise<void> {}

  async #wait(payload: object, rule: Rule): Promise<Fields> {
    const { action } = rule
    const fault = callFault(action, payload)
    holds(fault === undefined, `the case itself orders ${fault}`)
    const hearing = this.station.hear(rule)
    const { ask, waitForOrderMs } = this.options
    ask(`please send ${action} ${JSON.stringify(payload)} to ${this.station.id}`)
    try {
      return await hearing.first(waitForOrderMs)
    } catch (fault) {
      const cause = { cause: fault }
      throw new NotOrdered(`nobody had ${action} sent within ${waitForOrderMs / 1000} s`, cause)
    } finally {
      hearing.end()
    }
  }
}

/** Its own: whether the transaction runs is for the station to judge, and some cases order another one on purpose. */
function transactionOf({ csChargingProfiles }: Fields): { id: number; startedMs: number } | undefined {
  const id = csChargingProfiles.transactionId
  return id === undefined ? undefined : { id, startedMs: 0 }
}

function givenTags(tags: AskingOptions['tags']): Tags {
  const given = (kind: keyof Tags): string => {
    const tag = tags[kind]
    if (tag === undefined) throw new NotOrdered(`no idTag was given that is ${kind}`)
    return tag
  }
  return {
    valid: tags.valid,
    get invalid() {
      return given('invalid')
    },
    get expired() {
      return given('expired')
    },
    get blocked() {
      return given('blocked')
    },
    get sibling() {
      return given('sibling')
    },
    get parent() {
      return given('parent')
    },
  }
}
