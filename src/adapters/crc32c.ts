/** CRC-32C (Castagnoli), and the form in which LevelDB stores it. */

/** So many bytes are taken at once ("slicing"): what each does that has up to seven others behind it, a table per place. */
const SLICES = 8
const TABLES = new Int32Array(SLICES * 256)
for (let byte = 0; byte < 256; byte++) {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  TABLES[byte] = crc
}
for (let at = 256; at < TABLES.length; at++) {
  const before = of(at - 256)
  TABLES[at] = (before >>> 8) ^ of(before & 255)
}

function of(at: number): number {
  return TABLES[at] ?? 0
}

/** Over all parts in their order. At a start it runs over all tables of the journal. */
export function crc32c(...parts: readonly Uint8Array[]): number {
  let crc = -1
  for (const part of parts) {
    let at = 0
    for (; at + SLICES <= part.length; at += SLICES)
      crc =
        of(1792 + ((crc & 255) ^ (part[at] ?? 0))) ^
        of(1536 + (((crc >>> 8) & 255) ^ (part[at + 1] ?? 0))) ^
        of(1280 + (((crc >>> 16) & 255) ^ (part[at + 2] ?? 0))) ^
        of(1024 + ((crc >>> 24) ^ (part[at + 3] ?? 0))) ^
        of(768 + (part[at + 4] ?? 0)) ^
        of(512 + (part[at + 5] ?? 0)) ^
        of(256 + (part[at + 6] ?? 0)) ^
        of(part[at + 7] ?? 0)
    for (; at < part.length; at++) crc = of((crc ^ (part[at] ?? 0)) & 255) ^ (crc >>> 8)
  }
  return ~crc >>> 0
}

/** LevelDB stores its checksums so that a checksum of checksums says something. */
export const masked = (crc: number): number => ((((crc >>> 15) | (crc << 17)) >>> 0) + 0xa282ead8) >>> 0
