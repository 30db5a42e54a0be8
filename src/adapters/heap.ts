/**
 * How far the heap may grow over what is alive before all of it is collected. Left to itself V8 lets a heap of 35 MiB grow
 * to 120: messages that wait for the disk and the CSMS outlive the young generation, and each leaves some kilobytes.
 */
import { setFlagsFromString } from 'node:v8'

/** Dearer in CPU by what is not to be seen beside the sockets; a heap of 60 MiB is collected at 84. */
const GROWTH_PERCENT = 40

/** For the whole process; a V8 that does not know it says so and goes on. */
export function boundHeapGrowth(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`)
}
