/**
 * What tells models with the same registers apart: a product code that some of them have, and what the others' would be.
 * Where nothing does, they are read alike, and only the name plate says which it is. Pure but for the reads it is handed.
 */
import type { MeterDevice } from './device-schema.js'
import { hexOf, type ReadRegisters } from './meter-unit.js'

export type Told =
  | { readonly kind: 'this'; readonly evidence: string }
  /** Its code is that of another model. */
  | { readonly kind: 'another' }
  | { readonly kind: 'nothing' }

export async function toldOf(
  device: MeterDevice,
  devices: readonly MeterDevice[],
  read: ReadRegisters,
): Promise<Told> {
  for (const tell of device.tells) {
    const reply = await read(tell.address, tell.registers, tell.functionCode)
    if (reply.kind !== 'words') continue
    const found = hexOf(reply.words)
    const isOne = (expect: readonly string[]) => expect.some(words => found.startsWith(words.toUpperCase()))
    if (isOne(tell.expect)) return { kind: 'this', evidence: `${tell.what} ${found}` }
    const others = devices.flatMap(({ tells }) => tells).filter(({ address }) => address === tell.address)
    if (others.some(({ expect }) => isOne(expect))) return { kind: 'another' }
  }
  return { kind: 'nothing' }
}

/** Values come from the same registers in the same way, as far as both have them. */
export function readAlike(a: MeterDevice, b: MeterDevice): boolean {
  if (a.functionCode !== b.functionCode || a.wordOrder !== b.wordOrder) return false
  if ((a.sunspec === undefined) !== (b.sunspec === undefined) || a.sunspec !== undefined) return false
  return a.values.every(value => {
    const other = b.values.find(({ measurand }) => measurand === value.measurand)
    return (
      other === undefined ||
      (other.address === value.address &&
        other.type === value.type &&
        other.scale === value.scale &&
        (other.wordOrder ?? b.wordOrder) === (value.wordOrder ?? a.wordOrder))
    )
  })
}
