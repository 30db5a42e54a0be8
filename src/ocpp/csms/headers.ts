/** What goes with the upgrade of a link upward: who the station is, and through which Busbars it comes. */

export function viaHeader(through: string | undefined, via: string): string {
  return through === undefined ? via : `${through},${via}`
}

/** OCPP-J 1.6 §6.2.2: the password is octets, never UTF-8 text. */
export function basicHeader(stationId: string, password: Uint8Array): string {
  const octets = Array.from(password, octet => String.fromCharCode(octet)).join('')
  return `Basic ${btoa(`${stationId}:${octets}`)}`
}
