/**
 * As much of the protocol buffers' wire format as a Sparkplug payload needs: fields written one after another, and fields read out
 * of whatever somebody sent. Numbers are whole, not negative and below 2^53. Pure; must not know what the fields mean.
 */

const text = new TextEncoder()
const read = new TextDecoder()

/** Wire types of the encoding; 3 and 4 are groups, which nobody uses any more. */
const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5
/** A varint of 64 bits. */
const MAX_VARINT_BYTES = 10

/** One message under construction. */
export class FieldWriter {
  readonly #octets: number[] = []

  whole(field: number, value: number): this {
    return this.#key(field, VARINT).#varint(value)
  }

  flag(field: number, value: boolean): this {
    return this.whole(field, value ? 1 : 0)
  }

  double(field: number, value: number): this {
    this.#key(field, FIXED64)
    const eight = new DataView(new ArrayBuffer(8))
    eight.setFloat64(0, value, true)
    for (let at = 0; at < 8; at++) this.#octets.push(eight.getUint8(at))
    return this
  }

  text(field: number, value: string): this {
    return this.bytes(field, text.encode(value))
  }

  message(field: number, inner: FieldWriter): this {
    return this.bytes(field, inner.#octets)
  }

  bytes(field: number, octets: ArrayLike<number> & Iterable<number>): this {
    this.#key(field, BYTES).#varint(octets.length)
    for (const octet of octets) this.#octets.push(octet)
    return this
  }

  octets(): Uint8Array {
    return Uint8Array.from(this.#octets)
  }

  #key(field: number, wireType: number): this {
    return this.#varint(field * 8 + wireType)
  }

  #varint(value: number): this {
    let left = value
    for (; left >= 0x80; left = Math.floor(left / 0x80)) this.#octets.push((left % 0x80) | 0x80)
    this.#octets.push(left)
    return this
  }
}

export interface Field {
  readonly field: number
  /** Of a varint; not exact from 2^53 on. */
  readonly whole?: number
  /** Of a text or a message inside. */
  readonly bytes?: Uint8Array
}

/** What a message holds, in its order; undefined where it is none. */
export function fieldsOf(octets: Uint8Array): readonly Field[] | undefined {
  const fields: Field[] = []
  let at = 0
  while (at < octets.length) {
    const key = varintAt(octets, at)
    if (key === undefined) return undefined
    at = key.end
    const field = Math.floor(key.value / 8)
    const wireType = key.value % 8
    if (wireType === VARINT) {
      const whole = varintAt(octets, at)
      if (whole === undefined) return undefined
      fields.push({ field, whole: whole.value })
      at = whole.end
    } else if (wireType === BYTES) {
      const length = varintAt(octets, at)
      if (length === undefined || length.value > octets.length - length.end) return undefined
      at = length.end + length.value
      fields.push({ field, bytes: octets.subarray(length.end, at) })
    } else {
      const size = { [FIXED64]: 8, [FIXED32]: 4 }[wireType]
      if (size === undefined || size > octets.length - at) return undefined
      fields.push({ field })
      at += size
    }
  }
  return fields
}

export function textOf(bytes: Uint8Array): string {
  return read.decode(bytes)
}

function varintAt(octets: Uint8Array, start: number): { value: number; end: number } | undefined {
  let value = 0
  for (let at = 0; at < MAX_VARINT_BYTES; at++) {
    const octet = octets[start + at]
    if (octet === undefined) return undefined
    value += (octet % 0x80) * 2 ** (7 * at)
    if (octet < 0x80) return { value, end: start + at + 1 }
  }
  return undefined
}
