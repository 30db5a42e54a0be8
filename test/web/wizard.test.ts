/** The whole wizard. The site's time runs fast, so that wiring tests and drills take seconds. */
import t from 'tap'
import { chromiumPath } from './fixtures/browser.js'
import { bringsIntoService } from './fixtures/wizard.js'

t.setTimeout(300_000)

t.test(
  'the wizard brings a site into service from an empty folder, and finds what is wired wrongly',
  { skip: chromiumPath === '' ? 'chromium is not installed' : false, timeout: 290_000 },
  t => bringsIntoService(t),
)
