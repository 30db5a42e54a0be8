/**
 * Reads known fields out of an unknown payload and remembers the first fault as the OCPP-J error a station would
 * answer (missing → OccurenceConstraintViolation, wrong JSON type → TypeConstraintViolation, value not allowed
 * → PropertyConstraintViolation; OCPP 1.6 errata 3.24/3.38 ask for the last on wrong enums). After a fault the values
 * returned are placeholders: look at `fault` before using any.
 */
import type { ErrorCode } from '../answer.js'

export interface PayloadFault {
  readonly error: ErrorCode
  readonly description: string
}

type Range = { readonly min?: number; readonly max?: number }

/** Stations read integers into 32 bits; it also keeps seconds exact as milliseconds. */
const INT32_MAX = 2_147_483_647

export class PayloadReader {
  fault: PayloadFault | undefined
  readonly #value: object
  readonly #path: string

  constructor(value: unknown, path: string) {
    this.#path = path
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      this.#value = value
      return
    }
    this.#value = {}
    if (value === undefined) this.fail('OccurenceConstraintViolation', path, 'is missing')
    else this.fail('TypeConstraintViolation', path === '' ? 'payload' : path, 'is no object')
  }

  integer(key: string, range: Range = {}): number {
    return this.optionalInteger(key, range) ?? this.#missing(key, 0)
  }

  optionalInteger(key: string, range: Range = {}): number | undefined {
    const value = this.optionalNumber(key, { min: -INT32_MAX, max: INT32_MAX, ...range })
    if (value === undefined || Number.isInteger(value)) return value
    return this.fail('TypeConstraintViolation', this.#at(key), 'is no integer')
  }

  number(key: string, range: Range = {}): number {
    return this.optionalNumber(key, range) ?? this.#missing(key, 0)
  }

  optionalNumber(key: string, range: Range = {}): number | undefined {
    const value = this.#get(key)
    if (value === undefined) return undefined
    if (typeof value !== 'number') return this.fail('TypeConstraintViolation', this.#at(key), 'is no number')
    if (value < (range.min ?? -Infinity) || value > (range.max ?? Infinity)) {
      return this.fail('PropertyConstraintViolation', this.#at(key), `${value} is out of range`)
    }
    return value
  }

  text(key: string): string {
    return this.optionalText(key) ?? this.#missing(key, '')
  }

  optionalText(key: string): string | undefined {
    const value = this.#get(key)
    if (value === undefined || typeof value === 'string') return value
    return this.fail('TypeConstraintViolation', this.#at(key), 'is no string')
  }

  oneOf<T extends string>(key: string, allowed: readonly [T, ...T[]]): T {
    return this.optionalOneOf(key, allowed) ?? this.#missing(key, allowed[0])
  }

  optionalOneOf<T extends string>(key: string, allowed: readonly [T, ...T[]]): T | undefined {
    const text = this.optionalText(key)
    if (text === undefined) return undefined
    const found = allowed.find(one => one === text)
    if (found !== undefined) return found
    return this.fail('PropertyConstraintViolation', this.#at(key), `is none of ${allowed.join(', ')}`)
  }

  /** The object under `key`, read by `read`; its faults are this reader's. */
  object<T>(key: string, read: (reader: PayloadReader) => T): T {
    return this.#nested(this.#get(key), this.#at(key), read)
  }

  array<T>(key: string, read: (reader: PayloadReader) => T): T[] {
    const value = this.#get(key)
    if (Array.isArray(value)) {
      return value.map((item: unknown, i) => this.#nested(item, `${this.#at(key)}[${i}]`, read))
    }
    if (value === undefined) return this.#missing(key, [])
    this.fail('TypeConstraintViolation', this.#at(key), 'is no array')
    return []
  }

  fail(error: ErrorCode, path: string, what: string): undefined {
    this.fault ??= { error, description: `${path} ${what}` }
    return undefined
  }

  #nested<T>(value: unknown, path: string, read: (reader: PayloadReader) => T): T {
    const reader = new PayloadReader(value, path)
    const result = read(reader)
    this.fault ??= reader.fault
    return result
  }

  #missing<T>(key: string, placeholder: T): T {
    this.fail('OccurenceConstraintViolation', this.#at(key), 'is missing')
    return placeholder
  }

  #at(key: string): string {
    return this.#path === '' ? key : `${this.#path}.${key}`
  }

  #get(key: string): unknown {
    return Object.hasOwn(this.#value, key) ? Reflect.get(this.#value, key) : undefined
  }
}
