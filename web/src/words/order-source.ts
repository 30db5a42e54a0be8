/** Through which door an order came, in words. The page's own come through the API too, under names nobody else may take. */
import type { LimitSource } from '../../../src/core/limits/limit.js'
import { site } from './site.js'

interface Given {
  readonly source: LimitSource
  readonly id: string
}

/** As core/limits/limit.ts has it. */
export const isOfPage = ({ source, id }: Given): boolean => source === 'api' && /^page($|-)/.test(id)

/** What the page's order for a circuit is called: the same name again takes the place of what it said before. */
export const pageOrderId = (circuit: string): string => `page-${circuit}`.slice(0, MAX_ID)
const MAX_ID = 48

export function sourceText(order: Given): string {
  return isOfPage(order) ? site('limit page') : site(`limit ${order.source}`)
}
