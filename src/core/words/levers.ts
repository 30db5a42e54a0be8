/** What can be unplugged or made wrong in the demo. */
export const LEVER_WORDS = {
  'lever-csms': 'CSMS',
  'lever-meter': 'Meter',
  'lever-broker': 'MQTT broker',
  'lever-feeder-meter': 'Feeder meter',
  'lever-tenth': '{meter} x 0.1',
  'lever-ten': '{meter} x 10',
  'lever-reversed': '{meter} L2 reversed',
  'lever-inverted': '{meter} inverted',
  'lever-swapped': '{meter} phases swapped',
  'lever-frozen': '{meter} frozen',
  'lever-replayed': '{meter} replayed',
} as const
