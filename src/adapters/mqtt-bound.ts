/**
 * How large a broker says its packets are, read from the octets before they are gathered (MQTT 3.1.1 §2.2.3, 5.0 §2.1.4:
 * a kind, then up to four octets of length). What claims more than the bound is known by its first five octets. Pure.
 */

const MAX_LENGTH_OCTETS = 4

export class PacketBound {
  readonly #maxBytes: number
  /** Of the packet on its way that are still to come. */
  #bodyLeft = 0
  /** Undefined between the body of one packet and the kind of the next. */
  #claim: { octets: number; bytes: number } | undefined

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** True from the first packet on that claims more, or whose length never ends. */
  isBroken(octets: Uint8Array): boolean {
    let at = 0
    while (at < octets.length) {
      if (this.#bodyLeft > 0) {
        const taken = Math.min(this.#bodyLeft, octets.length - at)
        this.#bodyLeft -= taken
        at += taken
      } else if (this.#isBrokenBy(octets[at++] ?? 0)) return true
    }
    return false
  }

  #isBrokenBy(octet: number): boolean {
    const claim = this.#claim
    if (claim === undefined) {
      this.#claim = { octets: 0, bytes: 0 }
      return false
    }
    claim.bytes += (octet & 0x7f) * 128 ** claim.octets
    claim.octets++
    if (claim.bytes > this.#maxBytes) return true
    if (octet >= 0x80) return claim.octets >= MAX_LENGTH_OCTETS
    this.#claim = undefined
    this.#bodyLeft = claim.bytes
    return false
  }
}
