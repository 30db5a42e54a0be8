/**
 * A text as one WebSocket frame (RFC 6455 §5.2) in one piece of memory: ws makes two, a head and a body, and the socket
 * under it then gathers what was never apart. Must not know sockets.
 */
import { randomFillSync } from 'node:crypto'

/** Final fragment, opcode 1. */
const FINAL_TEXT = 0x81
const MASKED = 0x80
const MASK_BYTES = 4
/** Random bytes for masks are drawn so many at once: each draw costs more than what it draws. */
const POOL_BYTES = 8 * 1024

const pool = Buffer.alloc(POOL_BYTES)
let drawn = POOL_BYTES

/** The frame that carries `text` as UTF-8, uncompressed. Whoever dials masks, with a key nobody can foresee (§5.3). */
export function textFrame(text: string, isMasked: boolean): Buffer {
  const bytes = Buffer.byteLength(text)
  const lengthBytes = bytes < 126 ? 0 : bytes < 65_536 ? 2 : 8
  const bodyAt = 2 + lengthBytes + (isMasked ? MASK_BYTES : 0)
  const frame = Buffer.allocUnsafe(bodyAt + bytes)
  frame[0] = FINAL_TEXT
  frame[1] = (isMasked ? MASKED : 0) | (lengthBytes === 0 ? bytes : lengthBytes === 2 ? 126 : 127)
  if (lengthBytes === 2) frame.writeUInt16BE(bytes, 2)
  else if (lengthBytes === 8) frame.writeBigUInt64BE(BigInt(bytes), 2)
  // as many bytes as units: all of it is ASCII
  frame.write(text, bodyAt, bytes === text.length ? 'latin1' : 'utf8')
  if (isMasked) mask(frame, bodyAt)
  return frame
}

/** Puts a fresh key before the body and over all of it. */
function mask(frame: Buffer, bodyAt: number): void {
  if (drawn === POOL_BYTES) {
    randomFillSync(pool)
    drawn = 0
  }
  const key = pool.readInt32LE(drawn)
  pool.copy(frame, bodyAt - MASK_BYTES, drawn, drawn + MASK_BYTES)
  drawn += MASK_BYTES
  const whole = bodyAt + ((frame.length - bodyAt) & ~3)
  for (let at = bodyAt; at < whole; at += 4) frame.writeInt32LE(frame.readInt32LE(at) ^ key, at)
  for (let at = whole; at < frame.length; at++)
    frame[at] = (frame[at] ?? 0) ^ (frame[bodyAt - MASK_BYTES + (at - whole)] ?? 0)
}
