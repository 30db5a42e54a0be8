/** An operator gives a limit from the page: for which circuit, how much, how long, and why; tried out before it is given. */
import { useState } from 'preact/hooks'
import { giveLimit } from './api.js'
import { giving } from './words/give-limit.js'
import { pageOrderId } from './words/order-source.js'

interface Props {
  readonly circuits: readonly { readonly id: string }[]
}

export function GiveLimit({ circuits }: Props) {
  const [said, setSaid] = useState('')
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    const fields = new FormData(event.currentTarget, event.submitter)
    const reason = String(fields.get('reason')).trim()
    const dryRun = fields.get('do') === 'try'
    const circuit = String(fields.get('circuit'))
    const answer = await giveLimit({
      ...{ id: pageOrderId(circuit), target: { circuit }, dryRun },
      limitA: Number(fields.get('limitA')),
      durationS: Math.round(Number(fields.get('minutes')) * 60),
      onlyStations: fields.has('onlyStations'),
      ...(reason !== '' && { reason }),
    })
    setSaid(dryRun && answer.isTaken ? giving('wouldBe', { what: answer.text }) : answer.text)
  }
  return (
    <section class="panel give-limit" aria-label={giving('title')} data-for="operator">
      <details data-testid="give-limit">
        <summary>{giving('title')}</summary>
        <form class="ask-form" onSubmit={submit}>
          <label>
            {giving('circuit')}{' '}
            <select name="circuit">
              {circuits.map(({ id }) => (
                <option key={id} value={id}>
                  {id}
                </option>
              ))}
            </select>
          </label>
          <label>
            {giving('limit')} <input name="limitA" type="number" min="0" max="6300" step="0.1" required />
          </label>
          <label class="tick">
            <input name="onlyStations" type="checkbox" /> {giving('onlyStations')}
          </label>
          <label>
            {giving('minutes')} {/* not "value": what was typed would be 60 again once it was tried */}
            <input name="minutes" type="number" min="1" max="44640" defaultValue="60" required />
          </label>
          <label>
            {giving('reason')} <input name="reason" maxLength={200} />
          </label>
          <button type="submit" class="action" name="do" value="try">
            {giving('try')}
          </button>
          <button type="submit" class="action" name="do" value="give">
            {giving('give')}
          </button>
        </form>
        {said !== '' && <p role="status">{said}</p>}
      </details>
    </section>
  )
}
