/**
 * HTTP Basic authentication of stations (OCPP-J 1.6 §6.2.2; security white paper, profile 1). Passwords are octets: up
 * to 20 arbitrary bytes, which stations send raw or as their hex text, so nothing here goes through UTF-8.
 */
import type { Secrets } from '../../ports.js'

/** Above any real credential (48 + 1 + 40); a longer header is not decoded. */
const MAX_HEADER_CHARS = 8192
const BASIC = /^basic +([A-Za-z0-9+/]+={0,2})$/i
const COLON = 0x3a

/** The password octets behind `<stationId>:`. Undefined when the header is no Basic header or names another user. */
export function passwordFromHeader(header: string | undefined, stationId: string): Uint8Array | undefined {
  const octets = decodeBasic(header)
  if (octets === undefined || octets[stationId.length] !== COLON) return undefined
  for (let at = 0; at < stationId.length; at += 1) {
    if (octets[at] !== stationId.charCodeAt(at)) return undefined
  }
  return octets.subarray(stationId.length + 1)
}

/**
 * Whether `sent` is the password `stored`: the same octets, or `stored` as hex text in either case, or, where `stored`
 * is itself hex text (as operators paste it), the octets that it spells. Every form is compared, so that the time
 * taken does not tell which one was near.
 */
export function isPassword(secrets: Pick<Secrets, 'equal'>, stored: Uint8Array, sent: Uint8Array): boolean {
  const lower = hexOf(stored)
  const forms = [stored, asciiOf(lower), asciiOf(lower.toUpperCase())]
  const spelt = textOf(stored)
  if (HEX_KEY.test(spelt)) {
    forms.push(octetsOf(spelt), asciiOf(spelt.toLowerCase()), asciiOf(spelt.toUpperCase()))
  }
  return forms.filter(form => secrets.equal(form, sent)).length > 0
}

/** 16 to 20 octets written as hex digits (white paper A00.FR.205). */
const HEX_KEY = /^(?:[0-9A-Fa-f]{2}){16,20}$/

function decodeBasic(header: string | undefined): Uint8Array | undefined {
  if (header === undefined || header.length > MAX_HEADER_CHARS) return undefined
  const encoded = BASIC.exec(header.trim())?.[1]
  if (encoded === undefined) return undefined
  try {
    return asciiOf(atob(encoded))
  } catch {
    return undefined // wrong length or padding
  }
}

function asciiOf(text: string): Uint8Array {
  return Uint8Array.from(text, char => char.charCodeAt(0))
}

function textOf(octets: Uint8Array): string {
  return Array.from(octets, octet => String.fromCharCode(octet)).join('')
}

function hexOf(octets: Uint8Array): string {
  return Array.from(octets, octet => octet.toString(16).padStart(2, '0')).join('')
}

function octetsOf(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) =>
    Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16),
  )
}
