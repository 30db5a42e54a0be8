/** One short name for one text, so that whoever edits it can say which one was edited (ETag and If-Match). Pure. */

/** 53 bits (cyrb53), 14 hex digits: tells two edits apart, protects from nobody. */
export function textTag(text: string): string {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    high = Math.imul(high ^ unit, 2654435761)
    low = Math.imul(low ^ unit, 1597334677)
  }
  const mixed = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  const other = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(mixed ^ (mixed >>> 13), 3266489909)
  return (4294967296 * (2097151 & other) + (mixed >>> 0)).toString(16).padStart(14, '0')
}
