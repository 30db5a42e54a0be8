/**
 * What a Modbus TCP device says of itself (function code 43, MEI type 14: vendor, product code, revision; Modbus Application
 * Protocol 6.21). One question on a connection of its own, read here byte by byte: the library throws on a short answer.
 * Most meters do not know the function, and then say so or nothing.
 */
import net from 'node:net'

const READ_DEVICE_IDENTIFICATION = 0x2b
const MEI_TYPE = 0x0e
/** The three basic objects, from the first on. */
const BASIC = 0x01
const OBJECTS = 3
const MBAP_BYTES = 7
/** The longest frame there is. */
const MOST_BYTES = 260
const MOST_CHARACTERS = 64
const TRANSACTION = 0x4242

/** "Schneider Electric, PM5110, 1.2"; undefined where it does not say. Never rejects; bounded by `timeoutMs`. */
export function identityOf(
  { host, port }: { readonly host: string; readonly port: number },
  unitId: number,
  timeoutMs: number,
): Promise<string | undefined> {
  return new Promise(resolve => {
    let heard = Buffer.alloc(0)
    const socket = net.connect({ host, port, noDelay: true })
    const end = (said: string | undefined): void => {
      clearTimeout(deadline)
      socket.destroy()
      resolve(said)
    }
    const deadline = setTimeout(() => end(undefined), timeoutMs)
    socket.on('error', () => end(undefined))
    socket.on('close', () => end(undefined))
    socket.on('connect', () => socket.write(request(unitId)))
    socket.on('data', chunk => {
      heard = Buffer.concat([heard, chunk])
      const length = heard.length < MBAP_BYTES ? MOST_BYTES : MBAP_BYTES - 1 + heard.readUInt16BE(4)
      if (length > MOST_BYTES || heard.length > length) end(undefined)
      else if (heard.length === length) end(identityIn(heard, unitId))
    })
  })
}

function request(unitId: number): Buffer {
  const pdu = [READ_DEVICE_IDENTIFICATION, MEI_TYPE, BASIC, 0]
  return Buffer.from([TRANSACTION >> 8, TRANSACTION & 0xff, 0, 0, 0, pdu.length + 1, unitId, ...pdu])
}

function identityIn(frame: Buffer, unitId: number): string | undefined {
  const [function_, mei, , , , , count = 0] = frame.subarray(MBAP_BYTES)
  const isAnswer = frame.readUInt16BE(0) === TRANSACTION && frame.readUInt16BE(2) === 0 && frame[6] === unitId
  if (!isAnswer || function_ !== READ_DEVICE_IDENTIFICATION || mei !== MEI_TYPE) return undefined
  const said: string[] = []
  let at = MBAP_BYTES + 7
  for (let object = 0; object < Math.min(count, OBJECTS); object++) {
    const length = frame[at + 1]
    if (length === undefined || at + 2 + length > frame.length) return undefined
    said.push(plain(frame.subarray(at + 2, at + 2 + length)))
    at += 2 + length
  }
  const text = said.filter(part => part !== '').join(', ')
  return text === '' ? undefined : text
}

/** It is shown to people and written to terminals. */
function plain(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replace(/[^ -~]/g, '')
    .trim()
    .slice(0, MOST_CHARACTERS)
}
