/** What alarms say, and the parts they are put together from. */
export const ALARM_WORDS = {
  'meter-not-believed':
    'Meter {meter} is not believed, worst case of other load is assumed: {verdict}.{exchanged}',
  'meter-in-doubt': 'Meter {meter} is in doubt, worst case of other load is assumed: {doubt}.',
  'meter-fault-where': ' ({fault}; unit {unitId} at {address})',
  'meter-or-exchanged':
    ' Or stations of {here} hang on {there}, which carried more than anybody accounts for: they are held at their fail-safe. Compare the wiring.',
  'view-failed':
    'What is shown is not as it is now, by a fault of Busbar itself ({reason}). Control goes on; tell whoever looks after Busbar.',
  'secrets-lost':
    'Passwords could not be read ({reason}): nobody can log in, and stations are let in only as the CSMS judges them. Put back secrets.json, or move it away and start anew.',
  'kept-state-lost':
    'What should outlive a restart could not be read ({reason}): isolated stations are booked again, acknowledged alarms call again.',
  'kept-state-not-written': 'The last isolation or acknowledgement would not outlive a restart: {reason}.',
  'peers-overfull':
    'Stations and CSMS together send more than can be held until it is answered: the connections that hold most of it are closed.',
  'identity-contested':
    'Two stations call themselves {station}: {count} {count:connection|connections} from {remote} {count:was|were} turned away. Give each its own identity.',
  'other-load-above-worst-case':
    'Other load on {circuit} is at least {otherA} A on {phase}, configured worst case {worstA} A: without Busbar or meter the circuit is not safe. Correct worstCaseOtherLoadA.',
  'station-not-connected': '{station} is not connected{refusal}; {kept}.',
  'station-refusal': ' (refused: {reason} from {remote})',
  'station-isolated': 'it is isolated, nothing is kept free for it',
  'station-stays-booked': 'its fail-safe or worst offer stays booked',
  connector: '{station} connector {connector}',
  'connector-draws-more-than-offered': '{connector} draws more than it was offered.',
  'connector-refused-profile': '{connector} refused a charging profile.',
  'station-knows-no-profiles': '{station} does not know charging profiles.',
  'profiles-not-read-back': '{connector}: profiles could not be read back.',
  'csms-not-reached': 'CSMS not reached at {host}{why}; {kept}.',
  'csms-partly-reached': 'CSMS reached by only {open} of {stations} stations at {host}{why}; {kept}.',
  'one-message-kept': '1 message is kept for it',
  'messages-kept': '{count} messages are kept for it',
  because: ': {why}',
  'reason-of-stations': '{reason}; {stations}',
  'reasons-more': '{reasons}, {more}',
  'reason-at-stations': '{reason} at {stations}',
  'one-station': '1 station',
  stations: '{count} stations',
  'broker-not-reached': 'MQTT broker not reached at {host}.',
  'broker-not-reached-because': 'MQTT broker not reached at {host}: {why}.',
  'broker-refused': 'MQTT broker at {host} refused the connection: {why}.',
  'no-reason-given': 'no reason given',
  'station-retired':
    '{station} is no longer configured and was not seen gone: {bookedA} A stay booked on {circuits} until it is declared isolated.',
  'clock-jumped':
    "Busbar's clock jumped by {byS} s: stations keep the time they had until no schedule depends on it.",
  'clock-not-trusted':
    "Busbar's clock {why}. Stations get the CSMS's time, and this one while the CSMS is away.",
  'clock-stands-before': 'stands before what was written down last, so time goes on from there: {at} UTC',
  'clock-never-set': 'was never set: {at} UTC',
  'station-not-planned':
    '{station} cannot be planned for ({fault}): it is left to its fail-safe until it connects anew.',
  'station-runs-other-clock':
    '{station} runs its schedules by another clock than its messages: nothing above its fail-safe is written.',
  'connector-seen-on':
    '{station} connector {connector}: in {sessions} sessions the meter saw its first conductor on {phase}',
  'connector-third-seen-on':
    '{station} connector {connector}: in {sessions} sessions of cars on two phases the meter saw its third conductor on {phase}',
  'rotation-seen':
    '{seen}. Its rotation of phases is not configured: it is {rotation}, and with that a car leaves the phases it does not use to others.',
  'rotation-not-configured':
    '{seen}. Its rotation of phases is not configured: with it a car on one phase leaves the others to others.',
  'rotation-configured-otherwise':
    '{seen}, by the configuration it hangs on {configured}: look at its phases and their rotation.',
  'connector-not-configured':
    '{station} connector {connector} is in use and not configured: it cannot be controlled, {bookedA} A are booked for it on every phase.',
  'connector-not-there':
    '{connector} is configured, the station says it has {count}: it is booked at {bookedA} A.',
  'connector-lost-fail-safe':
    '{connector} lost its fail-safe in a restart: while it cannot be reached it is booked at {bookedA} A.',
  'connector-draws-unexplained': '{connector} draws {drawA} A {what}: that is booked, and others give way.',
  'connector-power-not-followed':
    '{connector}: its power did not go down with its offer, on one phase it would be {bookedA} A: that is booked, and others give way.',
  'without-transaction': 'without a transaction',
  'more-than-ever-offered': 'more than was ever offered',
  'station-released':
    '{station} was released by an operator: {how}, {bookedA} A stay booked for it until it is taken back or gone from the configuration.',
  'station-to-be-released':
    '{station} cannot be released yet and is controlled as ever: at its maximum, beside fail-safes and other load at its worst, "{circuit}" would carry {sumA} of {limitA} A.',
  'release-waits': 'its profiles are cleared when the others have made room',
  'release-clears': 'its profiles are being cleared',
  'release-done': 'nothing is written to it',
  'journal-not-written': 'Journal cannot be written: {reason}.',
  'disk-slow': 'The disk takes {forS} s for a write: stations wait for their answers.',
  'journal-full':
    'No more can be kept for {stations}: no session begins there while the CSMS is away, and what comes is left unanswered.',
  'csms-took-not':
    'The CSMS would not take {count} {count:message|messages} of {stations}: somebody has to decide about them.',
  'values-given-up':
    '{count} periodic meter {count:value|values} of {stations} {count:was|were} given up, because too much waits for the CSMS.',
  'messages-left-behind':
    '{count} {count:message|messages} of {station} {count:waits|wait}, and it is not configured any more: nobody delivers them.',
  'and-more': '{names} and {count} more',
  'certificate-ends': 'The certificate {whose} {when}: {todo}.',
  'certificate-of-cabinet': 'of this cabinet',
  'certificate-for-csms': 'shown to the CSMS',
  'security-profiles-lost':
    'Which security profile stations have used is lost: {stations} are let in by the best port alone. Lower those by name that can do less.',
  'syslog-away':
    'The receiver of the security record is away ({reason}): {waiting} {waiting:entry waits|entries wait}{dropped}. The record here is whole.',
  'syslog-dropped': ', {count} {count:was|were} not sent',
  'renew-by-csms': 'the CSMS is asked for a new one each day; have it give one (SignChargePointCertificate)',
  'certificate-of': 'of {whom}',
  'certificate-expired': 'has expired',
  'certificate-ends-within-day': 'ends within a day',
  'certificate-ends-within-days': 'ends within {days} days',
  'renews-itself': 'it renews itself where the site authority made it; put a new file where not',
  'put-new-file': 'put a new one in its file',
  'renew-by-station':
    'have the station ask for a new one (ExtendedTriggerMessage SignChargePointCertificate)',
  'certificate-unusable':
    '{path} cannot be used: {reason}. What was read before is used until then; where nothing was, that port or link stays closed.',
  'authority-not-kept':
    'What the site authority did last is not on the disk: {reason}. A revocation holds until the next start.',
  'record-changed':
    'The security record was changed or cut from entry {entry} on, not by Busbar: take a copy, and ask who had the disk.',
  'record-not-kept': 'The last entries of the security record are not on the disk: {reason}.',
  'station-not-placed':
    '{station} is not in the configuration{left}: it may hang on any circuit, so {bookedA} A are booked for it on each.{fit}',
  'left-in-use': ' and left while in use',
  'does-not-fit': ' That does not fit on {circuits}: should it draw it, the limit is not held.',
  'stations-over-order': 'The stations of {circuit} draw {drawA} A, and {order} allows them {limitA} A.',
  'circuit-over-order': '{circuit} carries {carriesA} A, and {order} allows {limitA} A.',
  'mirror-away':
    'Mirror {mirror} hears {open} of {wanted} {wanted:station|stations} at {host}{why}; {waiting} {waiting:report waits|reports wait}, {dropped} {dropped:was|were} given up so far. Nothing else depends on it.',
  'meter-silent': 'timeout',
  'meter-frozen': 'frozen',
  'meter-cut': 'connection lost',
  'circuit-over-rating': '{circuit} carries {carriesA} A, rated {ratedA} A.{blown}',
  'fuse-would-blow':
    ' No fuse of this rating carries that for long: if it holds, the ratio or the scale of its meter is wrong.',
  'meter-gives-nothing': 'Meter {meter} gives nothing{why}: worst case of other load is assumed.{remedy}',
  'meter-stale': 'Meter {meter} is stale{why}: nothing is raised.{remedy}',
  'meter-line-shared':
    'On the line of meter {meter} (unit {unitId} at {address}) came {count} answers within ten minutes that Busbar had not asked for: another master asks there, or two devices have one address. Let Busbar alone ask; others can read the meter from its Modbus server.',
  'choose-scanned-model': ' Choose the model that a scan of its line names.',
  'choose-known-model': ' Choose a model that there is.',
  'check-supply': ' Check its supply, address, cable and unit id.',
  'check-model-and-unit': ' Check model and unit id; behind a gateway also its routes.',
  'check-model-and-wiring': ' Check model, word order and wiring.',
  'check-line': ' Check rate, parity, ends of the line, and that each address is given once.',
  'certificate-of-uplink': 'of the uplink of {station}',
  'order-hours': 'the hours of {name}',
  'order-grid': 'the grid operator ({name})',
  'order-mean': 'the quarter-hour mean {name}',
  'order-import-locked': 'the lock-out of import limit {name}',
  'order-import-limit': 'the import limit {name}',
  'order-test': 'the wiring test ({by})',
  'order-silence': 'the silence of {name}',
  'order-page': 'the order on the page ({by})',
  'order-by': 'order {name} ({by})',
  'not-set-up':
    '{what}, or in {path} and start Busbar again. Nothing is controlled, stations cannot connect.',
  'configuration-missing': 'No configuration yet: write one here',
  'configuration-fault': 'The configuration has a fault: mend it here',
  'configuration-faults': 'The configuration has {count} faults: mend it here',
} as const
