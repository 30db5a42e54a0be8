/** What is said of a journal (`core/words/journal`), in German and Portuguese, by its code. One without its texts does not compile. */
import type { JOURNAL_WORDS } from '../../../src/core/words/journal.js'
import { spoken } from './room.js'

export const JOURNAL = spoken<keyof typeof JOURNAL_WORDS>({
  'journal-of-another-site': {
    de: 'Das Journal gehört zum Standort "{found}", dies ist "{site}": nichts, was darin wartet, wird an dieses CSMS gesendet.',
    pt: 'O diário é do local "{found}", este é "{site}": nada do que nele espera é enviado a este CSMS.',
  },
  'journal-rolled-back': {
    de: 'Das Journal ist älter als das, was daraus schon ausgeliefert wurde (eine Kopie wurde zurückgelegt): nichts, was darin wartet, wird gesendet.',
    pt: 'O diário é mais antigo do que aquilo que dele já foi entregue (foi reposta uma cópia): nada do que nele espera é enviado.',
  },
  'journal-damaged': { de: 'Das Journal war beschädigt: {what}.', pt: 'O diário estava danificado: {what}.' },
  'journal-damaged-kept': {
    de: 'Das Journal war beschädigt: {what}. So, wie es gefunden wurde, liegt es in {copy}.',
    pt: 'O diário estava danificado: {what}. Tal como foi encontrado está em {copy}.',
  },
  'journal-damaged-again': { de: '{now} Davor: {before}', pt: '{now} Antes disso: {before}' },
  'journal-repaired': {
    de: 'es ließ sich erst nach einer Reparatur öffnen',
    pt: 'só foi possível abri-lo depois de uma reparação',
  },
  'lost-list': { de: '{first}; {rest}', pt: '{first}; {rest}' },
  'lost-waiting': {
    de: '{station}: {count} wartende {count:Nachricht|Nachrichten} von {at}',
    pt: '{station}: {count} {count:mensagem|mensagens} em espera, de {at}',
  },
  'lost-waiting-span': {
    de: '{station}: {count} wartende Nachrichten von {from} bis {to}',
    pt: '{station}: {count} mensagens em espera, de {from} a {to}',
  },
  'lost-of-more-stations': {
    de: 'und von {count} {count:weiteren Ladestation|weiteren Ladestationen}',
    pt: 'e de mais {count} {count:posto|postos}',
  },
  'lost-other-records': {
    de: '{count} {count:weiterer Eintrag|weitere Einträge}',
    pt: 'mais {count} {count:registo|registos}',
  },
  'lost-between': {
    de: 'was zwischen {after} und {before} lag, kann verloren sein',
    pt: 'o que estava entre {after} e {before} pode estar perdido',
  },
  'lost-more-between': {
    de: 'und an {count} {count:weiteren Stelle|weiteren Stellen}',
    pt: 'e em mais {count} {count:lugar|lugares}',
  },
  'lost-writes': {
    de: '{count} {count:Schreibvorgang fehlt|Schreibvorgänge fehlen}',
    pt: '{count:falta|faltam} {count} {count:escrita|escritas}',
  },
  'lost-end': {
    de: 'der letzte Schreibvorgang ist nicht vollständig: er ist verloren, und wer keine Antwort bekam, sendet noch einmal',
    pt: 'a última escrita não está completa: perdeu-se, e quem não teve resposta volta a enviar',
  },
  'lost-end-with': {
    de: 'der letzte Schreibvorgang ist nicht vollständig ({what}): er ist verloren, und wer keine Antwort bekam, sendet noch einmal',
    pt: 'a última escrita não está completa ({what}): perdeu-se, e quem não teve resposta volta a enviar',
  },
  'place-of-station': { de: '{station} von {at}', pt: '{station} de {at}' },
  'place-end-of-journal': { de: 'einem Ende des Journals', pt: 'um extremo do diário' },
  'place-record': { de: 'dem Eintrag {key}', pt: 'o registo {key}' },
})
