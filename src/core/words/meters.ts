/** What is wrong with a meter: what was expected, what was seen, the likely cause. */
export const METER_WORDS = {
  'transformer-feeds-back':
    'it shows {current} on {phase}, flowing out, and no generation is declared here: the current transformer on {phase} is turned round (K and L, P1 and P2), or its two wires are',
  'power-beyond-amps':
    'its power of {power} on {phase} needs more than its own volts and amps allow ({possible}): scale or word order of the current is wrong, check device file and transformer ratio',
  'register-rate-wrong':
    'its energy register counted {counted} while its power made {made}: one of them has a wrong scale, check device file and transformer ratio',
  'register-stands':
    'its energy register stands at {at} while its power made {made}: its measuring part has stopped or old values are repeated, restart the meter or its gateway',
  'direction-jumps':
    'its direction changes from one reading to the next ({from}, then {to}): two devices answer under one address, or words of two moments are put together',
  'scale-jumps':
    'all its phases jump {factor}-fold from one reading to the next and back ({from}, then {to}): its scale is read at another moment than its values, or two devices answer under one address',
  'register-keeps-running-back':
    'its energy register keeps running back ({from}, then {to}): two devices answer under one address',
  'register-ran-back':
    'its energy register ran back from {from} to {to}: old values are repeated, or another device answers under this address (if the meter was changed, this ends by itself)',
  'two-devices-in-turn':
    '{phase} changes between {one} and {other} over and over: two devices answer under one address, or its gateway repeats old values',
  'recording-repeats':
    'the same {count} readings come over and over, to the last digit, as no load makes them: it plays back a recording, restart the meter or its gateway',
  'readings-repeat':
    'its stations changed by {step} and it went through the same {count} readings over and over: it repeats old values, restart the meter or its gateway',
  'stood-still': 'its stations changed by {step} and it stood still at {current}',
  'repeats-one-value': '{facts}: it repeats one value, restart the meter or its gateway',
  'moved-in-part':
    'its stations changed by {step}, it showed only a part of that and repeats {current} since. This ends when it moves',
  'shows-less': 'its stations alone draw {drawn} and it shows {shown}',
  'fell-at-once':
    'all its phases fell at once from {from} to {to}, below what its stations drew: a changed ratio, or several stations that lost their supply. This ends with the first step of its stations that it follows',
  'does-not-follow': 'it does not follow its stations',
  'moved-otherwise': 'its stations changed by {step} and it moved by {moved}',
  'wrong-factor':
    '{facts}, {how} {times} times of what flows: wrong transformer ratio in the meter, or wrong scale in the device file',
  'at-most': 'at most',
  about: 'about',
  'transformer-turned':
    '{facts}: the current transformer on {phases} is turned round (K and L, P1 and P2), or its two wires are',
  both: '{one} and {other}',
  'phases-exchanged':
    '{facts}: what happens on {from} is seen on {to}, current transformers or phases of a station are exchanged',
  'transformers-dead': '{facts}: transformers open or short-circuited, or not connected to this meter',
  'other-values':
    '{facts}, though it followed them before: old values are repeated, or another device answers in its place',
  'wrong-circuit': '{facts}: it measures another circuit, or the stations hang elsewhere than configured',
  'half-power':
    'it shows {current} on {phase}, flowing out, with only half of the power that its volts and amps make: its current transformer and its voltage input on {phase} are of different phases, put them on the same one',
  'all-feed-back':
    'it shows {current} on {phase} and the other phases flowing out too, and no generation is declared here: it is mounted the other way round, set "invert" or turn all its transformers',
  'power-factor-wrong':
    'its power of {power} on {phase} is not what its own volts, amps and power factor of {factor} make ({expected}): current or power has a wrong scale or stands still, check device file and transformer ratio',
  'clock-stands':
    'its own clock stands still at {at} s for {for} s, and so do its values: it repeats old values, restart the meter or its gateway',
  'clock-runs-back':
    'its own clock keeps running back ({from} s, then {to} s): old values are repeated, or two devices answer under one address',
} as const
