/** The wizard until the stations have their place; the rest of it, which takes minutes, is `npm run walk`. */
import t from 'tap'
import { chromiumPath } from './fixtures/browser.js'
import { bringsIntoService } from './fixtures/wizard.js'

t.setTimeout(200_000)

t.test(
  'the wizard takes a site from an empty folder to stations that are controlled',
  { skip: chromiumPath === '' ? 'chromium is not installed' : false, timeout: 190_000 },
  t => bringsIntoService(t, { isShort: true }),
)
