/** Payload text to value, and wall time to text (OCPP-J 1.6 §4.2; dateTime of OCPP 1.6 §7). Never throws. */

export function parsePayload(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch (error) {
    // the frame was parsed before; should a slice still not be JSON, it is forwarded and counted all the same
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

export function isoTime(wallMs: number): string {
  return new Date(wallMs).toISOString()
}
