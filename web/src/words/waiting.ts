/** What the CSMS has not had yet, what it would not take, and what was lost. */
import { room } from './room.js'

export const waiting = room({
  none: {
    en: 'Nothing waits for the CSMS, and it refused nothing.',
    de: 'Nichts wartet auf das CSMS, und nichts wurde abgelehnt.',
    pt: 'Nada espera pelo CSMS, e ele não recusou nada.',
  },
  station: { en: 'Station', de: 'Ladestation', pt: 'Posto' },
  notConfigured: { en: 'no longer configured', de: 'nicht mehr konfiguriert', pt: 'já não configurado' },
  waits: { en: 'Waiting', de: 'Wartet', pt: 'À espera' },
  messages: {
    en: '{count} {count:message|messages}',
    de: '{count} {count:Meldung|Meldungen}',
    pt: '{count} {count:mensagem|mensagens}',
  },
  oldest: { en: 'Oldest', de: 'Älteste', pt: 'A mais antiga' },
  refused: { en: 'Refused', de: 'Abgelehnt', pt: 'Recusadas' },
  open: { en: 'Open sessions', de: 'Offene Ladevorgänge', pt: 'Carregamentos abertos' },
  offline: { en: 'Charged offline', de: 'Offline geladen', pt: 'Carregado offline' },
  offlineAbout: {
    en: 'Energy of sessions that ended while the CSMS could not be asked',
    de: 'Energie der Ladevorgänge, die endeten, während das CSMS nicht erreichbar war',
    pt: 'Energia dos carregamentos que acabaram com o CSMS inacessível',
  },
  accepted: { en: 'Accepted since', de: 'Seither angenommen', pt: 'Aceite desde então' },
  missing: { en: 'Missing', de: 'Fehlt', pt: 'Falta' },
  shed: {
    en: '{count} {count:meter value|meter values} given up: too much waited',
    de: '{count} {count:Messwert|Messwerte} aufgegeben: zu viel wartete',
    pt: '{count} {count:valor|valores} de contador abandonados: havia demasiado à espera',
  },
  all: { en: 'All', de: 'Alle', pt: 'Todos' },
  allEven: {
    en: 'All energy that was charged offline has been accepted.',
    de: 'Alle offline geladene Energie ist angenommen.',
    pt: 'Toda a energia carregada offline foi aceite.',
  },
  fault: {
    en: 'The disk takes nothing: {what}',
    de: 'Die Platte nimmt nichts an: {what}',
    pt: 'O disco não aceita nada: {what}',
  },
  held: {
    en: 'Nothing that waits is sent: {what}',
    de: 'Was wartet, wird nicht gesendet: {what}',
    pt: 'Nada do que espera é enviado: {what}',
  },
  release: {
    en: 'It is of this site: send it',
    de: 'Es gehört hierher: senden',
    pt: 'É desta instalação: enviar',
  },
  releaseSure: { en: 'Yes, send what waits', de: 'Ja, senden, was wartet', pt: 'Sim, enviar o que espera' },
  lost: {
    en: 'Found damaged: {what}',
    de: 'Beschädigt gefunden: {what}',
    pt: 'Encontrado danificado: {what}',
  },
  noted: { en: 'Take note', de: 'Zur Kenntnis nehmen', pt: 'Tomar nota' },
  letters: {
    en: 'What the CSMS would not take',
    de: 'Was das CSMS nicht annahm',
    pt: 'O que o CSMS não aceitou',
  },
  lettersAbout: {
    en: 'A session is kept whole: the rest of it waits until its first message is decided about.',
    de: 'Ein Ladevorgang bleibt ganz: sein Rest wartet, bis über seine erste Meldung entschieden ist.',
    pt: 'Um carregamento fica inteiro: o resto espera até se decidir sobre a primeira mensagem.',
  },
  message: { en: 'Message', de: 'Meldung', pt: 'Mensagem' },
  session: { en: 'session {id}', de: 'Ladevorgang {id}', pt: 'carregamento {id}' },
  received: { en: 'Received', de: 'Empfangen', pt: 'Recebida' },
  why: { en: 'Why', de: 'Warum', pt: 'Porquê' },
  startRefused: {
    en: 'Its StartTransaction was refused',
    de: 'Sein StartTransaction wurde abgelehnt',
    pt: 'O seu StartTransaction foi recusado',
  },
  startMissing: {
    en: 'Its StartTransaction is missing',
    de: 'Sein StartTransaction fehlt',
    pt: 'Falta o seu StartTransaction',
  },
  neverAnswered: {
    en: 'The CSMS never answered it',
    de: 'Das CSMS hat sie nie beantwortet',
    pt: 'O CSMS nunca lhe respondeu',
  },
  csmsSays: {
    en: 'The CSMS refused it: “{what}”',
    de: 'Das CSMS hat sie abgelehnt: „{what}“',
    pt: 'O CSMS recusou-a: “{what}”',
  },
  content: { en: 'Content', de: 'Inhalt', pt: 'Conteúdo' },
  again: { en: 'Send again', de: 'Noch einmal senden', pt: 'Enviar de novo' },
  withoutStart: { en: 'Send without its start', de: 'Ohne den Start senden', pt: 'Enviar sem o início' },
  withoutStartAbout: {
    en: 'As transaction -1, where the CSMS will never take the StartTransaction',
    de: 'Als Transaktion -1, wenn das CSMS das StartTransaction nie annehmen wird',
    pt: 'Como transação -1, se o CSMS nunca aceitar o StartTransaction',
  },
  giveUp: { en: 'Give up', de: 'Aufgeben', pt: 'Abandonar' },
  giveUpAbout: {
    en: 'Save the CSV before: it is then gone from here too.',
    de: 'Vorher die CSV-Datei sichern: danach ist es auch hier weg.',
    pt: 'Guarde antes o CSV: depois deixa de existir aqui também.',
  },
  giveUpSure: {
    en: 'Yes, the CSMS will never have it',
    de: 'Ja, das CSMS bekommt es nie',
    pt: 'Sim, o CSMS nunca o terá',
  },
  sent: {
    en: '{count} {count:message|messages} in the queue again.',
    de: '{count} {count:Meldung|Meldungen} wieder in der Schlange.',
    pt: '{count} {count:mensagem|mensagens} de novo na fila.',
  },
  gone: {
    en: '{count} {count:message|messages} given up.',
    de: '{count} {count:Meldung|Meldungen} aufgegeben.',
    pt: '{count} {count:mensagem abandonada|mensagens abandonadas}.',
  },
  done: { en: 'Done.', de: 'Erledigt.', pt: 'Feito.' },
  notDone: { en: 'Not done: {what}', de: 'Nicht geschehen: {what}', pt: 'Não foi feito: {what}' },
  silent: { en: 'Busbar does not answer.', de: 'Busbar antwortet nicht.', pt: 'O Busbar não responde.' },
})
