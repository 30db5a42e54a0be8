/** CRC-32C (Castagnoli), and the form in which LevelDB stores it. */
const FIRST = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  return crc
})

/** What a byte does that has `slice` others behind it: four are taken at once ("slicing"). */
const SLICES: Int32Array[] = [FIRST]
for (let slice = 1; slice < 4; slice++) {
  const before = SLICES[slice - 1] ?? FIRST
  SLICES.push(before.map(crc => (crc >>> 8) ^ (FIRST[crc & 255] ?? 0)))
}
const [T0 = FIRST, T1 = FIRST, T2 = FIRST, T3 = FIRST] = SLICES

/** Over all parts in their order. At a start it runs over all tables of the journal. */
export function crc32c(...parts: readonly Uint8Array[]): number {
  let crc = -1
  for (const part of parts) {
    let at = 0
    for (; at + 4 <= part.length; at += 4) {
      crc ^=
        (part[at] ?? 0) |
        ((part[at + 1] ?? 0) << 8) |
        ((part[at + 2] ?? 0) << 16) |
        ((part[at + 3] ?? 0) << 24)
      crc =
        (T3[crc & 255] ?? 0) ^
        (T2[(crc >>> 8) & 255] ?? 0) ^
        (T1[(crc >>> 16) & 255] ?? 0) ^
        (T0[crc >>> 24] ?? 0)
    }
    for (; at < part.length; at++) crc = (T0[(crc ^ (part[at] ?? 0)) & 255] ?? 0) ^ (crc >>> 8)
  }
  return ~crc >>> 0
}

/** LevelDB stores its checksums so that a checksum of checksums says something. */
export const masked = (crc: number): number => ((((crc >>> 15) | (crc << 17)) >>> 0) + 0xa282ead8) >>> 0
