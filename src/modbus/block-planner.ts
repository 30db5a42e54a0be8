/**
 * Which registers are read together. Pure: values and what was learnt about the device in, read requests out.
 * A value is never split; a block never exceeds the model's cap nor bridges more than its hole. A block the device
 * refuses (exception 2 or 3) is cut in half and the cut remembered; a refused optional value is remembered as absent.
 */
import { type MeterDevice, type MeterValue, REGISTERS_OF, type ValueGroup } from './device-schema.js'

export interface Block {
  /** Zero-based; relative to the model's origin for SunSpec. */
  readonly address: number
  readonly count: number
  /** First addresses of the values and scale registers inside, ascending. */
  readonly starts: readonly number[]
}

/** What a device has taught since its line was opened. */
export interface Learnt {
  /** No block reaches across these addresses. */
  readonly cuts: ReadonlySet<number>
  /** First addresses of optional values the device refuses. */
  readonly absent: ReadonlySet<number>
}

export const NOTHING_LEARNT: Learnt = { cuts: new Set(), absent: new Set() }

/** The blocks for the values of these groups, ascending. */
export function planBlocks(
  device: MeterDevice,
  groups: ReadonlySet<ValueGroup>,
  learnt: Learnt = NOTHING_LEARNT,
): readonly Block[] {
  const blocks: Block[] = []
  for (const span of wantedSpans(device, groups, learnt)) {
    const last = blocks.at(-1)
    const end = span.address + span.count
    if (last !== undefined && fits(device, last, span, learnt)) {
      blocks[blocks.length - 1] = {
        address: last.address,
        count: Math.max(last.count, evened(device, end - last.address)),
        starts: [...last.starts, span.address],
      }
    } else {
      blocks.push({
        address: span.address,
        count: evened(device, span.count),
        starts: [span.address],
      })
    }
  }
  return blocks
}

/** The register after an odd count is read along where the model wants even ones. */
function evened(device: MeterDevice, count: number): number {
  return device.evenCountOnly && count % 2 === 1 ? count + 1 : count
}

/** What follows from exception 2 or 3 for `block`. */
export type Refusal =
  | { readonly kind: 'split'; readonly learnt: Learnt; readonly halves: readonly [Block, Block] }
  | { readonly kind: 'absent'; readonly learnt: Learnt }
  | { readonly kind: 'needed'; readonly measurand: string }

export function refused(device: MeterDevice, block: Block, learnt: Learnt): Refusal {
  const middle = cutOf(block)
  if (middle !== undefined) {
    const cut: Learnt = { ...learnt, cuts: new Set([...learnt.cuts, middle]) }
    return { kind: 'split', learnt: cut, halves: halves(device, block, middle) }
  }
  const users = device.values.filter(value => spansOf(value).some(span => span.address === block.address))
  const needed = users.find(value => value.optional !== true)
  if (needed !== undefined) return { kind: 'needed', measurand: needed.measurand }
  return { kind: 'absent', learnt: { ...learnt, absent: new Set([...learnt.absent, block.address]) } }
}

/** The start nearest to the middle of the registers; undefined when there is only one value. */
function cutOf(block: Block): number | undefined {
  const centre = block.address + block.count / 2
  const [, ...later] = block.starts
  return later.sort((a, b) => Math.abs(a - centre) - Math.abs(b - centre))[0]
}

interface Span {
  readonly address: number
  readonly count: number
}

function wantedSpans(device: MeterDevice, groups: ReadonlySet<ValueGroup>, learnt: Learnt): Span[] {
  const spans = new Map<number, Span>()
  for (const value of device.values) {
    const own = spansOf(value)
    if (!groups.has(value.group) || own.some(span => learnt.absent.has(span.address))) continue
    for (const span of own) spans.set(span.address, span)
  }
  return [...spans.values()].sort((a, b) => a.address - b.address)
}

/** All registers a value is made of: its own, its terms' and its scale factor. */
export function spansOf(value: MeterValue): readonly Span[] {
  const parts = [value, ...(value.terms ?? [])].map(({ address, type }) => ({
    address,
    count: REGISTERS_OF[type],
  }))
  return value.scaleRegister === undefined ? parts : [...parts, { address: value.scaleRegister, count: 1 }]
}

function fits(device: MeterDevice, block: Block, span: Span, learnt: Learnt): boolean {
  const hole = span.address - (block.address + block.count)
  const length = evened(device, span.address + span.count - block.address)
  return hole <= device.maxHole && length <= device.maxRegisters && !learnt.cuts.has(span.address)
}

function halves(device: MeterDevice, block: Block, middle: number): readonly [Block, Block] {
  const lower = block.starts.filter(start => start < middle)
  const upper = block.starts.filter(start => start >= middle)
  const lastLower = lower.at(-1) ?? block.address
  return [
    {
      address: block.address,
      count: evened(device, lastLower + widthAt(device, lastLower) - block.address),
      starts: lower,
    },
    { address: middle, count: block.address + block.count - middle, starts: upper },
  ]
}

function widthAt(device: MeterDevice, address: number): number {
  const spans = device.values.flatMap(spansOf)
  return spans.find(span => span.address === address)?.count ?? 1
}
