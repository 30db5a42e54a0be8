/**
 * What comes over a serial line beside the answers: RS-485 has no transaction number, so a second answer behind the
 * first, or one that nobody asked for, would be taken for the answer to the next request. Bytes outside a request are
 * counted and dropped, and the line is drained before it is used again. Reaches below modbus-serial, whose buffer
 * outlives a request.
 */
import type { BusRead } from '../ports.js'
import { SecondAnswers } from './second-answers.js'

/** Longer than 3.5 characters at 1200 baud: what comes after this is another frame. */
const QUIET_MS = 40
/** A line that talks on for longer is not one of ours. */
const DRAIN_MS = 400
/** Drivers that switch on leave a byte or two before an answer. */
const GLITCH_BYTES = 2
const RTU_CRC_BYTES = 2

interface RawPort {
  on(event: 'data', listener: (chunk: Buffer) => void): void
  flush(done: () => void): void
}

export interface SerialWatch {
  /** Drops what nobody asked for and waits for silence; why not, or undefined when the line is quiet. */
  drain(): Promise<string | undefined>
  /** Undefined: it is over. */
  sending(request: BusRead | undefined): void
  /** Bytes beside an answer of `answerBytes` (unit, function and data), glitches left out. */
  extraBytes(answerBytes: number): number
  /** Dropped so far. */
  strayBytes(): number
  /** See BusLine. */
  strayAnswers(): number
}

/** Undefined when the library is not as expected below: then nothing can be promised for the line. */
export function watchSerial(client: object): SerialWatch | undefined {
  const port: unknown = Reflect.get(client, '_port')
  if (typeof port !== 'object' || port === null) return undefined
  const raw: unknown = Reflect.get(port, '_client')
  if (!isRawPort(raw) || !Buffer.isBuffer(Reflect.get(port, '_buffer'))) return undefined
  let inFlight = false
  let bytes = 0
  let strays = 0
  let strayMs = Number.NEGATIVE_INFINITY
  const answers = new SecondAnswers()
  raw.on('data', chunk => {
    answers.heard(chunk)
    if (inFlight) bytes += chunk.length
    else {
      strays += chunk.length
      strayMs = performance.now()
    }
  })
  return {
    drain: async () => {
      const untilMs = performance.now() + DRAIN_MS
      while (performance.now() - strayMs < QUIET_MS) {
        if (performance.now() > untilMs) return 'the line is never quiet'
        await new Promise(resolve => setTimeout(resolve, QUIET_MS))
      }
      await new Promise<void>(resolve => raw.flush(resolve))
      Reflect.set(port, '_buffer', Buffer.alloc(0))
      return undefined
    },
    sending: request => {
      inFlight = request !== undefined
      if (request === undefined) return
      bytes = 0
      answers.asked(request)
    },
    extraBytes: answerBytes => {
      const extra = bytes - answerBytes - RTU_CRC_BYTES
      if (extra > 0) strays += extra
      return extra > 0 && extra <= GLITCH_BYTES ? 0 : extra
    },
    strayBytes: () => strays,
    strayAnswers: () => answers.count(),
  }
}

function isRawPort(value: unknown): value is RawPort {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof Reflect.get(value, 'on') === 'function' &&
    typeof Reflect.get(value, 'flush') === 'function'
  )
}
