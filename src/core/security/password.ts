/** The password of a station as ChangeConfiguration(AuthorizationKey) writes it (OCPP-J 1.6 §6.2.2; white paper A00.FR.205). */

/** Fewer are guessed. */
const MIN_OCTETS = 16

/** 16 to 20 octets as hex digits, else the text itself; undefined when it is too short. Never cut. */
export function passwordOctets(value: string): Uint8Array | undefined {
  if (/^(?:[0-9A-Fa-f]{2}){16,20}$/.test(value)) {
    const pairs = value.match(/../g) ?? []
    return Uint8Array.from(pairs, pair => Number.parseInt(pair, 16))
  }
  const octets = new TextEncoder().encode(value)
  return octets.length < MIN_OCTETS ? undefined : octets
}
