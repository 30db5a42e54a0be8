/** What every field of a form shares: the document, its faults, and how to change it. */
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { SecretNames } from '../account-api.js'
import type { ConfigurationCheck } from '../config-api.js'
import type { Path } from './document.js'

export type Fault = ConfigurationCheck['faults'][number]

export interface FormContext {
  readonly document: unknown
  readonly schema: unknown
  readonly faults: readonly Fault[]
  readonly readOnly: boolean
  /** Names under which a secret is set; undefined for whoever may not set any. */
  readonly secrets: SecretNames | undefined
  /** Sets it, or takes it away; why not, else undefined. */
  setSecret(kind: keyof SecretNames, name: string, secret: string | undefined): Promise<string | undefined>
  /** What may be named, by the name of the list. */
  choices(list: string): readonly string[]
  set(path: Path, value: unknown): void
  /** Another id of a member, and of everything that refers to it. */
  rename(path: Path, id: string): void
}

export const Form = createContext<FormContext | undefined>(undefined)

export function useForm(): FormContext {
  const form = useContext(Form)
  if (form === undefined) throw new Error('a field outside of a form')
  return form
}
