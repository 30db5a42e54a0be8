/**
 * Whether more than one answer came to one request. RTU has no transaction number: of two devices at one address the slower
 * one answers into the next request, and what it says would pass for the other one's registers. Counts whole frames of the
 * unit and function that were asked, with a checksum that fits: noise, glitches and other units are none. Reads bytes only.
 */
import type { BusRead } from '../ports.js'

/** More than a request can bring; what comes behind it is dropped unread. */
const MOST_BYTES = 1_024
const EXCEPTION_BYTES = 5
/** Unit, function, byte count; and the checksum. */
const AROUND_BYTES = 5
const EXCEPTION_BIT = 0x80
const CRC_SEED = 0xffff
const CRC_POLYNOMIAL = 0xa001

export class SecondAnswers {
  #request: BusRead | undefined
  #heard = Buffer.alloc(0)
  #before = 0

  /** A request leaves; what comes from now on is held against it. */
  asked(request: BusRead): void {
    this.#before = this.count()
    this.#request = request
    this.#heard = Buffer.alloc(0)
  }

  heard(chunk: Buffer): void {
    if (this.#request === undefined || this.#heard.length >= MOST_BYTES) return
    this.#heard = Buffer.concat([this.#heard, chunk])
  }

  /** Since the line was opened. */
  count(): number {
    if (this.#request === undefined) return this.#before
    return this.#before + Math.max(0, answersIn(this.#heard, this.#request) - 1)
  }
}

function answersIn(bytes: Buffer, { unitId, functionCode }: BusRead): number {
  let answers = 0
  let at = 0
  while (at + EXCEPTION_BYTES <= bytes.length) {
    const length = lengthOf(bytes, at, functionCode)
    const isAnswer = bytes[at] === unitId && length !== undefined && isWhole(bytes.subarray(at, at + length))
    if (isAnswer) answers++
    at += isAnswer ? length : 1
  }
  return answers
}

/** Of the frame that would begin at `at`; undefined where it is none that was asked for, or not all there. */
function lengthOf(bytes: Buffer, at: number, functionCode: number): number | undefined {
  const code = bytes[at + 1]
  if (code === (functionCode | EXCEPTION_BIT)) return EXCEPTION_BYTES
  if (code !== functionCode) return undefined
  const length = AROUND_BYTES + (bytes[at + 2] ?? 0)
  return at + length <= bytes.length ? length : undefined
}

function isWhole(frame: Buffer): boolean {
  let crc = CRC_SEED
  for (const byte of frame.subarray(0, -2)) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ CRC_POLYNOMIAL : crc >> 1
  }
  return frame.readUInt16LE(frame.length - 2) === crc
}
