/** `web.mdns`: whether and how the page is announced in the local network (RFC 6762, 6763). Part of `site.ts`. */
import { z } from 'zod'
import { expecting } from './faults.js'
import { said } from './labels.js'

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/
/** A label of DNS. */
const MOST_NAME = 63

export const announcement = z
  .union([
    z.boolean(),
    z.strictObject({
      name: z
        .string()
        .trim()
        .min(1)
        .max(MOST_NAME)
        .optional()
        .meta(
          said('Name in lists', 'Of services in the network; "Busbar" and the site where it says nothing.'),
        ),
      addresses: z
        .array(z.string().regex(IPV4, expecting('ipv4-address')))
        .max(8)
        .optional()
        .meta(
          said(
            'Only in the networks of',
            'IPv4 addresses of this machine; every network where it says none.',
          ),
        ),
    }),
  ])
  .default(true)
  .meta(
    said(
      'Announced in the network',
      'By mDNS, as names in .local: those among the host names, else that of the machine. So a laptop finds the page without any address.',
    ),
  )
