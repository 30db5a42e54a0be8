/** What in a station's configuration an operator must know. */
export const NOTICE_WORDS = {
  'needs-reboot': '{station} needs a reboot before {keys} takes effect.',
  'connectors-beyond':
    '{station} has {count} {count:connector|connectors}, {configured} configured: the others cannot be controlled, and count at the worst once something happens on them.',
  'set-from-outside': '{station}: set from outside, changes what the station may draw: {sets}.',
  'ping-too-rare':
    '{station}: WebSocketPingInterval was set to {interval} s from outside; the station notices a dead line late.',
  'no-such-key': 'it has no such key',
  'key-read-only': 'the key is read-only',
  'key-not-set-yet': 'it is not set yet',
  'key-refuses': 'it refuses another value',
  'current-not-reported': '{station} does not report its current ({key}: {why}).',
  'samples-rarely': '{station} samples {how} ({key}: {why}); it is booked by its offer between.',
  never: 'never',
  every: 'every {interval} s',
} as const
