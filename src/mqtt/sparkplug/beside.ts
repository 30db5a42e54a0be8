/** The edge node beside the topics, where the configuration has one: begun, told of changes and ended with them. */
import type { MqttPublisher } from '../publisher.js'
import { type EdgeNodeOptions, startEdgeNode } from './edge-node.js'

export function withEdgeNode(
  publisher: MqttPublisher,
  options: Omit<EdgeNodeOptions, 'names'>,
): MqttPublisher {
  const names = options.config.sparkplug
  if (names === undefined) return publisher
  const node = startEdgeNode({ ...options, names })
  return {
    state: () => publisher.state(),
    status: () => publisher.status(),
    tryNow: () => publisher.tryNow(),
    hurry: news => publisher.hurry(news),
    refresh: () => {
      publisher.refresh()
      node.refresh()
    },
    stop: async () => {
      await Promise.all([publisher.stop(), node.stop()])
    },
  }
}
