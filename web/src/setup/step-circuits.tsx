/** The main fuse and the feeders below it. */
import { setup } from '../words/setup.js'
import type { DraftCircuit } from './draft.js'
import { Amps, Choice, Field } from './parts.js'
import type { StepProps } from './wizard.js'

export function StepCircuits({ draft, onDraft }: StepProps) {
  const { circuits } = draft
  const set = (at: number, change: Partial<DraftCircuit>) => {
    const was = circuits[at]
    const renamed = change.id !== undefined && was !== undefined ? { from: was.id, to: change.id } : undefined
    onDraft({
      ...draft,
      circuits: circuits.map((circuit, index) => {
        const mine = index === at ? { ...circuit, ...change } : circuit
        return renamed !== undefined && mine.parent === renamed.from ? { ...mine, parent: renamed.to } : mine
      }),
      meters: draft.meters.map(meter =>
        meter.circuit === renamed?.from ? { ...meter, circuit: renamed.to } : meter,
      ),
    })
  }
  const add = () => {
    const top = circuits[0]?.id ?? 'main'
    const names = new Set(circuits.map(({ id }) => id))
    let number = circuits.length
    while (names.has(`feeder-${number}`)) number++
    onDraft({ ...draft, circuits: [...circuits, { id: `feeder-${number}`, parent: top }] })
  }
  return (
    <>
      <p>{setup('circuitsWhy')}</p>
      {circuits.map((circuit, at) => (
        <fieldset key={at} class="setup-part fields" data-testid="setup-circuit">
          <legend>{circuit.id || '?'}</legend>
          <Field id={`circuit-${at}-id`} label={setup('circuitName')}>
            <input
              id={`circuit-${at}-id`}
              value={circuit.id}
              maxLength={48}
              spellcheck={false}
              onInput={({ currentTarget }) => set(at, { id: currentTarget.value.trim() })}
            />
          </Field>
          {at > 0 && (
            <Field id={`circuit-${at}-parent`} label={setup('circuitParent')}>
              <Choice
                id={`circuit-${at}-parent`}
                value={circuit.parent ?? ''}
                choices={[['', setup('grid')], ...circuits.slice(0, at).map(({ id }) => [id, id] as const)]}
                onValue={parent => set(at, { parent: parent === '' ? undefined : parent })}
              />
            </Field>
          )}
          <Field id={`circuit-${at}-fuse`} label={setup('fuse')}>
            <Amps
              id={`circuit-${at}-fuse`}
              value={circuit.ratedCurrentA}
              onValue={ratedCurrentA => set(at, { ratedCurrentA })}
            />
          </Field>
          <Field
            id={`circuit-${at}-other`}
            label={setup('otherLoad')}
            help={at === 0 ? setup('otherLoadHelp') : undefined}
          >
            <Amps
              id={`circuit-${at}-other`}
              value={circuit.worstCaseOtherLoadA}
              onValue={worstCaseOtherLoadA => set(at, { worstCaseOtherLoadA })}
            />
          </Field>
          {at > 0 && (
            <p>
              <button
                type="button"
                class="action"
                onClick={() =>
                  onDraft({
                    ...draft,
                    circuits: circuits
                      .filter((_circuit, index) => index !== at)
                      .map(other =>
                        other.parent === circuit.id ? { ...other, parent: circuit.parent } : other,
                      ),
                    meters: draft.meters.filter(meter => meter.circuit !== circuit.id),
                  })
                }
              >
                {setup('remove', { name: circuit.id })}
              </button>
            </p>
          )}
        </fieldset>
      ))}
      <button type="button" class="action" onClick={add} data-testid="add-feeder">
        {setup('addFeeder')}
      </button>
    </>
  )
}
