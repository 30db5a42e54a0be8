/** The broker inside, where the configuration wants one: on this machine, and from outside with the page's certificate. */
import type { SiteConfig } from '../core/config/site.js'
import type { Ports, Stoppable } from '../ports.js'
import type { PageIdentities } from './page-door.js'

/** Nothing where none is wanted. Rejects where it cannot listen, or could do so from outside only without TLS. */
export async function startInnerBroker(
  { brokerServer }: Pick<Ports, 'brokerServer'>,
  mqtt: SiteConfig['mqtt'],
  password: string | undefined,
  identities: PageIdentities,
): Promise<Stoppable> {
  if (mqtt?.broker === undefined || brokerServer === undefined) return { stop: async () => undefined }
  const { broker, username } = mqtt
  const { outside } = broker
  const identity = identities.pageIdentity()
  if (outside !== undefined && (identity === undefined || username === undefined || password === undefined))
    throw new Error('mqtt.broker.outside: no certificate or no password, so it is not opened')
  const account = username === undefined || password === undefined ? undefined : { username, password }
  if (username !== undefined && account === undefined)
    throw new Error('mqtt.broker: mqtt.username has no password')
  const door = await brokerServer.listen({
    ...{ host: '127.0.0.1', port: broker.port },
    ...(account && { account }),
    ...(outside && identity && { outside: { ...outside, tls: { identities: [identity] } } }),
  })
  identities.onRenewed?.(() => {
    const next = identities.pageIdentity()
    if (next !== undefined) door.renew({ identities: [next] })
  })
  return door
}
