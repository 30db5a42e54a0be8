/** Joins the wizard to the page: it stands in place of the rest while somebody puts the site into service. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { SiteView } from '../../../src/core/view/document.js'
import { loadConfig } from '../config-api.js'
import { frame } from '../words/frame.js'
import { loadSetup, type SetupView } from './setup-api.js'

type WizardView = typeof import('./wizard.js').Wizard

interface SetUpOfPage {
  /** In place of the rest; absent where nobody puts the site into service now. */
  readonly wizard: ComponentChildren | undefined
  /** The way back to it. */
  readonly again: ComponentChildren | undefined
  leave(): void
}

export function useSetUp(site: SiteView, epoch: number): SetUpOfPage {
  const [record, setRecord] = useState<SetupView>()
  const [isEmpty, setIsEmpty] = useState(false)
  const [wanted, setWanted] = useState<boolean>()
  const [wizard, setWizard] = useState<{ readonly View: WizardView }>()
  useEffect(() => {
    loadSetup().then(async found => {
      const config = found?.state === 'none' ? await loadConfig() : undefined
      setIsEmpty(config !== undefined && config.text === undefined)
      setRecord(found)
    })
  }, [epoch])
  // A configuration with faults is mended in the forms, which name each one.
  const isFaulty = (site.configurationFaults?.length ?? 0) > 0
  const isOpen = record?.state === 'open' || (record?.state === 'none' && isEmpty)
  const isShown = record !== undefined && !isFaulty && (wanted ?? isOpen)
  useEffect(() => {
    if (isShown) import('./wizard.js').then(({ Wizard }) => setWizard({ View: Wizard }))
  }, [isShown])
  const leave = () => setWanted(false)
  const again = record !== undefined && !isFaulty && (
    <p class="set-up-again no-print">
      <button type="button" class="action" onClick={() => setWanted(true)} data-testid="setup-open">
        {frame(isOpen ? 'setUpResume' : 'setUpAgain')}
      </button>
    </p>
  )
  if (!isShown) return { wizard: undefined, again: again || undefined, leave }
  return {
    wizard: (
      <main class="set-up">
        {wizard !== undefined && <wizard.View site={site} epoch={epoch} onLeave={leave} />}
      </main>
    ),
    again: undefined,
    leave,
  }
}
