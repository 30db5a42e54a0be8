/** Which MQTT topics a subscription's filter covers. MQTT 3.1.1 §4.7. */

/** `+` stands for one level, `#` at the end for the rest; neither starts a match at a topic beginning with `$`. */
export function covers(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && (filter.startsWith('+') || filter.startsWith('#'))) return false
  const wanted = filter.split('/')
  const levels = topic.split('/')
  for (const [at, level] of wanted.entries()) {
    if (level === '#') return true
    if (at >= levels.length || (level !== '+' && level !== levels[at])) return false
  }
  return wanted.length === levels.length
}
