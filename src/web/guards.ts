/**
 * The questions asked of every request before any route sees it: is it meant for us (Host), is its path plain, and,
 * where it changes something, did our own page send it. Pure: headers in, yes or no out. Knows no user and no site.
 */

/**
 * The one spelling a path may have: no empty or dotted segments and no escapes, so that no guard can read it differently.
 * What station identities may hold besides letters stands as it is; "|" alone comes escaped from every client.
 */
const PLAIN_PATH =
  /^\/(?:(?:[A-Za-z0-9_*+=:@-]|%7C)(?:[A-Za-z0-9._*+=:@-]|%7C)*(?:\/(?:[A-Za-z0-9_*+=:@-]|%7C)(?:[A-Za-z0-9._*+=:@-]|%7C)*)*)?$/
const HOST = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9.-]{1,253})(?::\d{1,5})?$/
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/

/** True when no decoding, normalising or joining could make another path of it. */
export function isPlainPath(pathname: string): boolean {
  return PLAIN_PATH.test(pathname)
}

/**
 * DNS rebinding: a foreign name that points at us must not be served. IP literals, localhost and the configured
 * names (without port, lower case) are ours.
 */
export function isOurHost(host: string, names: readonly string[]): boolean {
  const name = HOST.exec(host.toLowerCase())?.[1]
  if (name === undefined) return false
  return name.startsWith('[') || IPV4.test(name) || name === 'localhost' || names.includes(name)
}

/** The name a machine has on its own network without any DNS server (mDNS, RFC 6762): `<hostname>.local`. */
export function localNames(hostname: string): readonly string[] {
  const [first = ''] = hostname.toLowerCase().split('.')
  return /^[a-z0-9-]{1,63}$/.test(first) ? [`${first}.local`] : []
}

/**
 * True when the headers prove that our own page sent the request: absent, null and foreign origins do not, nor does the page
 * in the clear for a request over TLS. The other way round is a proxy that ends TLS.
 */
export function isSameOrigin(
  headers: Headers,
  { host, isSecure }: { readonly host: string; readonly isSecure: boolean },
): boolean {
  const site = headers.get('sec-fetch-site')
  const origin = headers.get('origin')
  if (site !== null && site !== 'same-origin') return false
  if (origin === null) return site === 'same-origin'
  if (!URL.canParse(origin)) return false
  const { host: from, protocol } = new URL(origin)
  return from === host.toLowerCase() && (!isSecure || protocol === 'https:')
}

/** Whether this is the URL of a request that came over TLS. */
export function isSecure(url: string): boolean {
  return url.startsWith('https:')
}

/** True for this content type, with or without parameters. */
export function isOfType(headers: Headers, type: string): boolean {
  const [found = ''] = (headers.get('content-type') ?? '').split(';')
  return found.trim().toLowerCase() === type
}
