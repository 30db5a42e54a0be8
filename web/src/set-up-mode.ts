/** Whether a configuration runs: in set-up mode there is no circuit, nor is there one where nothing can be shown for a fault of Busbar's own. */
import type { SiteView } from '../../src/core/view/document.js'

export const isSetUp = ({ circuits, alarms }: Pick<SiteView, 'circuits' | 'alarms'>): boolean =>
  circuits.length > 0 || alarms.some(({ code }) => code === 'view-failed')
