/** What holds while the CSMS is away: keys of the site, each of which a station may repeat (seed 001 names them). */
import { z } from 'zod'
import { said } from './labels.js'

export const offlineKeys = {
  AlwaysAllowOfflineTransactions: z
    .boolean()
    .meta(said('Always allow', 'With the CSMS away everybody charges, as AlwaysAllowIdTag.')),
  AlwaysAllowIdTag: z.string().min(1).max(20).meta(said('Tag of always allow', 'Sent to the CSMS later.')),
  AllowChargeAfterBrownOut: z
    .boolean()
    .meta(
      said(
        'Resume after a power cut',
        'With the CSMS away Busbar starts a session again that a power cut has ended, at stations that lack this key.',
      ),
    ),
  AllowOfflineTxForUnknownId: z.boolean().meta(said('Allow unknown tags', 'With the CSMS away.')),
  unknownIdMaxEnergyWh: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .meta(
      said(
        'Energy of an unknown tag',
        'What its session may take before the CSMS has spoken about it. Then it is treated as one of a refused tag.',
        'Wh',
      ),
    ),
  unknownIdMaxTimeMin: z
    .number()
    .int()
    .min(1)
    .max(10_080)
    .meta(said('Time of an unknown tag', 'How long its session may last before the CSMS has spoken.', 'min')),
  LocalAuthorizeOffline: z
    .boolean()
    .meta(said('Allow known tags', 'With the CSMS away, tags it accepted before may charge.')),
  StopTransactionOnInvalidId: z
    .boolean()
    .meta(said('Stop at a refused tag', 'When the CSMS refuses it after the session began.')),
  MaxEnergyOnInvalidId: z
    .number()
    .int()
    .min(0)
    .max(1_000_000)
    .meta(said('Energy at a refused tag', 'What a session that goes on may still take.', 'Wh')),
  LocalAuthListEnabled: z.boolean().meta(said('Local list', 'Judge by the list the CSMS sent the station.')),
  AuthorizationCacheEnabled: z.boolean().meta(said('Cache', 'Judge by what the CSMS said of a tag before.')),
  AutoChargeEnabled: z.boolean().meta(said('Autocharge', 'A car may be its own tag.')),
  acceptedWithinDays: z
    .number()
    .int()
    .min(1)
    .max(3650)
    .meta(
      said(
        'Accepted within',
        'While the CSMS is away its own word about a tag lets nobody in that is older than this.',
        'days',
      ),
    ),
  commissionOffline: z
    .boolean()
    .meta(
      said(
        'Commission offline',
        'A station the CSMS has never accepted, such as a replaced one, is taken in while the CSMS is away.',
      ),
    ),
  csmsTimeoutMs: z
    .number()
    .int()
    .min(1000)
    .max(60000)
    .meta(said('CSMS timeout', 'Without an answer for so long the CSMS counts as away.', 'ms')),
}
