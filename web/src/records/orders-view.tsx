/** Orders that have ended: what was ordered, when it was carried out, and the report for whoever ordered it. */

import { language } from '../words/language.js'
import { when } from '../words/numbers.js'
import { isOfPage, sourceText } from '../words/order-source.js'
import { records } from '../words/records.js'
import { Frame, stateOf, useRead } from './frame.js'
import { readOrders } from './records-api.js'

export function Orders() {
  const found = useRead(readOrders, 'orders')
  const list = typeof found === 'string' ? [] : found.orders.slice().reverse()
  return (
    <Frame state={stateOf(found, list.length)} empty={records('noOrders')} csv="orders.csv">
      <table>
        <thead>
          <tr>
            <th scope="col">{records('order')}</th>
            <th scope="col">{records('received')}</th>
            <th scope="col">{records('accepted')}</th>
            <th scope="col">{records('heldSince')}</th>
            <th scope="col">{records('ended')}</th>
            <th scope="col">{records('report')}</th>
          </tr>
        </thead>
        <tbody>
          {list.map(one => (
            <tr key={one.seq} data-testid="order">
              <th scope="row">
                {one.target} {one.value}{' '}
                <span class="muted">{isOfPage(one) ? sourceText(one) : `${sourceText(one)} ${one.id}`}</span>
                {!one.isIntact && <b class="over-text"> {records('changed')}</b>}
              </th>
              <td data-label={records('received')}>{moment(one.received)}</td>
              <td data-label={records('accepted')}>{moment(one.lastAccepted)}</td>
              <td data-label={records('heldSince')}>{moment(one.heldSince)}</td>
              <td data-label={records('ended')}>{moment(one.ended)}</td>
              <td data-label={records('report')}>
                <a href={`api/v1/orders/${one.seq}/report.html?language=${language()}`}>
                  {records('report')}
                </a>{' '}
                <a href={`api/v1/orders/${one.seq}/quarters.csv`}>{records('quarters')}</a>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Frame>
  )
}

/** To the second: how long it took is what is asked. */
function moment(iso: string | undefined): string {
  return iso === undefined ? '–' : when(iso, 'moment')
}
