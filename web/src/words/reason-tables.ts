/**
 * The reasons of the core in German and Portuguese, by its codes; in English the core says them itself (`core/view/why-words`).
 * A code without its texts does not compile. Loaded for these two languages only.
 */
import type { Lift, PartCode, ReasonCode } from '../../../src/core/control/reason.js'
import { spoken } from './room.js'

/** Of one link of the chain. */
export const NAMES = spoken<ReasonCode>({
  'no car': { de: 'Kein Auto', pt: 'Sem carro' },
  'no session': { de: 'Kein Ladevorgang', pt: 'Sem carregamento' },
  connector: { de: 'Ladepunkt', pt: 'Ponto' },
  csms: { de: 'CSMS', pt: 'CSMS' },
  order: { de: '{order}', pt: '{order}' },
  'tag refused': { de: 'CSMS hat die Karte abgelehnt', pt: 'O CSMS recusou o cartão' },
  'no clock': { de: 'Uhr der Ladestation unbekannt', pt: 'Relógio do posto desconhecido' },
  ceiling: { de: 'Anlagenprofil: nur Rückfallstrom', pt: 'Perfil da instalação: só corrente de segurança' },
  car: { de: 'Auto nimmt weniger', pt: 'O carro aceita menos' },
  'full car': { de: 'Auto nimmt nichts', pt: 'O carro não aceita nada' },
  minimum: {
    de: 'Unter dem Wenigsten, das ein Auto nimmt',
    pt: 'Abaixo do mínimo que um carro aceita',
  },
  starting: { de: 'Ladevorgang hat eben begonnen', pt: 'O carregamento acaba de começar' },
  share: { de: '{circuit}, {phase}', pt: '{circuit}, {phase}' },
  turn: { de: 'Wartet an {circuit}, {phase}, bis er dran ist', pt: 'Espera a sua vez em {circuit}, {phase}' },
  meter: { de: 'Zähler {about} nicht vertrauenswürdig', pt: 'Contador {about} sem confiança' },
  elsewhere: { de: 'Hängt vielleicht an einem anderen Stromkreis', pt: 'Talvez esteja noutro circuito' },
  restart: { de: 'Busbar ist neu gestartet', pt: 'O Busbar reiniciou' },
  probe: { de: 'Ein Zähler wird geprüft', pt: 'Um contador está a ser testado' },
  refresh: { de: 'Wartet auf die nächste Auffrischung', pt: 'Espera a próxima atualização' },
  room: { de: 'Der Platz muss sich halten', pt: 'A folga tem de durar' },
  ramp: { de: 'Steigt', pt: 'A subir' },
  stagger: { de: 'Autos beginnen nacheinander', pt: 'Os carros começam um a um' },
  proof: {
    de: 'An {circuit}, {phase} müssen andere sichtbar weniger ziehen',
    pt: 'Em {circuit}, {phase} é preciso ver outros a consumir menos',
  },
  isolated: { de: 'Freigeschaltet', pt: 'Isolado por um operador' },
  away: { de: 'Nicht verbunden', pt: 'Sem ligação' },
  driven: { de: 'Vom CSMS gesteuert', pt: 'Comandado pelo CSMS' },
  released: { de: 'Von jemandem freigegeben', pt: 'Libertado por um operador' },
  fault: { de: 'Ein Fehler in Busbar', pt: 'Uma falha no Busbar' },
  unable: { de: 'Kennt keine Ladeprofile', pt: 'Não conhece perfis de carga' },
  disobeys: { de: 'Zieht mehr als vorgegeben', pt: 'Consome mais do que lhe foi dito' },
  refused: { de: 'Hat das letzte Ladeprofil abgelehnt', pt: 'Recusou o último perfil' },
  unverified: { de: 'Ladeprofile noch nicht zurückgelesen', pt: 'Perfis ainda não lidos de volta' },
  unanswered: { de: 'Noch keine Antwort', pt: 'Ainda sem resposta' },
  unproven: { de: 'Noch nicht zu sehen, dass er folgt', pt: 'Ainda não se viu que cumpre' },
  exceeds: { de: 'Zieht mehr als vorgegeben', pt: 'Consome mais do que lhe foi dito' },
  settling: { de: 'Eben zurückgelesen', pt: 'Acaba de ser lido de volta' },
})

/** As the answer to "why not more?". */
export const TEXTS = spoken<ReasonCode>({
  'no car': { de: 'Kein Auto.', pt: 'Sem carro.' },
  'no session': {
    de: 'Kein Ladevorgang: {amps}, bis einer beginnt.',
    pt: 'Sem carregamento: {amps} até começar um.',
  },
  connector: {
    de: 'Alles, was der Ladepunkt geben kann: {amps}.',
    pt: 'Tudo o que o ponto pode dar: {amps}.',
  },
  csms: { de: 'CSMS erlaubt {amps}.', pt: 'O CSMS permite {amps}.' },
  order: { de: '{order}: erlaubt {amps}.', pt: '{order}: permite {amps}.' },
  'tag refused': {
    de: 'CSMS hat die Karte abgelehnt: dieser Ladevorgang bekommt keine Energie mehr.',
    pt: 'O CSMS recusou o cartão: este carregamento não recebe mais energia.',
  },
  'no clock': {
    de: 'Ob die Uhr der Ladestation stimmt, ist nicht bekannt: nicht mehr als ihr Rückfallstrom, {amps}.',
    pt: 'Não se sabe se o relógio do posto está certo: não mais do que a corrente de segurança, {amps}.',
  },
  ceiling: {
    de: 'Diese Anlage gibt nicht mehr als den Rückfallstrom: {amps}.',
    pt: 'Esta instalação não dá mais do que a corrente de segurança: {amps}.',
  },
  car: {
    de: 'Auto nimmt weniger, als es haben könnte; {amps} lassen ihm Spielraum.',
    pt: 'O carro aceita menos do que podia ter; {amps} deixam-lhe folga.',
  },
  'full car': {
    de: 'Auto nahm nichts, es ist wohl voll: {now}.',
    pt: 'O carro não aceitou nada, deve estar cheio: {now}.',
  },
  minimum: {
    de: 'Weniger als die {towards}, die ein Auto braucht: {now}.',
    pt: 'Menos do que os {towards} de que um carro precisa: {now}.',
  },
  starting: {
    de: 'Ladevorgang hat eben begonnen; sein Anteil wird berechnet.',
    pt: 'O carregamento acaba de começar; a sua parte está a ser calculada.',
  },
  share: {
    de: '{circuit} ist auf {phase} voll: {amps} für dieses Auto; {shared}.',
    pt: '{circuit} está cheio em {phase}: {amps} para este carro; {shared}.',
  },
  turn: {
    de: 'Wartet, bis er dran ist: {circuit} hat auf {phase} keine {towards} übrig; {shared}.',
    pt: 'Espera a sua vez: {circuit} não tem {towards} livres em {phase}; {shared}.',
  },
  meter: {
    de: '{now}: solange Zähler {about} schweigt oder im Zweifel ist, wird nichts erhöht.',
    pt: '{now}: nada é aumentado enquanto o contador {about} estiver em silêncio ou em dúvida.',
  },
  elsewhere: {
    de: 'Nicht mehr als {amps}: der Zähler seines Stromkreises zeigt ihn nicht, und ein anderer Stromkreis führt zu viel. Verdrahtung vergleichen.',
    pt: 'Não mais de {amps}: o contador do seu circuito não o mostra, e outro circuito leva demasiado. Compare as ligações.',
  },
  restart: {
    de: '{now}: Busbar ist neu gestartet und hat noch nicht jede Ladestation zurückgelesen.',
    pt: '{now}: o Busbar reiniciou e ainda não leu todos os postos de volta.',
  },
  probe: {
    de: '{now}, für weniger als eine Minute: Autos werden gesenkt, um zu sehen, ob der Zähler folgt.',
    pt: '{now}, por menos de um minuto: baixam-se carros para ver se o contador acompanha.',
  },
  refresh: {
    de: '{now}; mehr mit der nächsten Auffrischung des Ladeprofils.',
    pt: '{now}; mais com a próxima atualização do perfil.',
  },
  room: {
    de: '{now}; mehr, sobald sich der Platz dafür eine Weile gehalten hat.',
    pt: '{now}; mais logo que a folga tenha durado um pouco.',
  },
  ramp: {
    de: 'Steigt: {now}, Schritt für Schritt bis {towards}.',
    pt: 'A subir: {now}, passo a passo até {towards}.',
  },
  stagger: {
    de: '{now}; Autos an einem Stromkreis beginnen nacheinander wieder.',
    pt: '{now}; os carros de um circuito recomeçam um a um.',
  },
  proof: {
    de: '{now}, {towards} ist sein Anteil; erst müssen andere an {circuit}, {phase} sichtbar weniger ziehen.',
    pt: '{now}, a sua parte são {towards}; primeiro é preciso ver outros em {circuit}, {phase} a consumir menos.',
  },
  isolated: {
    de: 'Freigeschaltet: nichts wird für ihn freigehalten, bis er sich verbindet.',
    pt: 'Isolado por um operador: nada é guardado para ele até se ligar.',
  },
  away: {
    de: 'Ladestation nicht verbunden: mindestens {amps} werden für sie freigehalten.',
    pt: 'Posto sem ligação: guardam-se pelo menos {amps} para ele.',
  },
  driven: {
    de: 'Vom CSMS gesteuert: Busbar schreibt ihr nichts, {amps} werden für sie freigehalten.',
    pt: 'Comandado pelo CSMS: o Busbar não lhe escreve nada, guardam-se {amps} para ele.',
  },
  released: {
    de: 'Von jemandem freigegeben: nicht gesteuert, {amps} werden für sie freigehalten.',
    pt: 'Libertado por um operador: não é comandado, guardam-se {amps} para ele.',
  },
  fault: {
    de: 'Ein Fehler in Busbar hat die Planung angehalten: es bleibt beim Rückfallstrom.',
    pt: 'Uma falha no Busbar parou o seu planeamento: fica na corrente de segurança.',
  },
  unable: {
    de: 'Ladestation kennt keine Ladeprofile: {amps} werden für sie freigehalten.',
    pt: 'O posto não conhece perfis de carga: guardam-se {amps} para ele.',
  },
  disobeys: {
    de: 'Ladestation zieht mehr als vorgegeben: {amps} werden gerechnet, bis sie gehorcht.',
    pt: 'O posto consome mais do que lhe foi dito: contam-se {amps} até que obedeça.',
  },
  refused: {
    de: 'Ladestation hat das letzte Ladeprofil abgelehnt; es wird gleich noch einmal angeboten.',
    pt: 'O posto recusou o último perfil; volta a ser-lhe proposto em breve.',
  },
  unverified: {
    de: 'Ladeprofile auf der Ladestation noch nicht zurückgelesen: {amps} werden gerechnet.',
    pt: 'Perfis do posto ainda não lidos de volta: contam-se {amps}.',
  },
  unanswered: {
    de: '{towards} vorgegeben, aber die Ladestation hat nicht geantwortet: bis dahin werden {amps} gerechnet.',
    pt: 'Ordenados {towards}, mas o posto não respondeu: até lá contam-se {amps}.',
  },
  unproven: {
    de: '{towards} vorgegeben; {amps} werden gerechnet, bis zu sehen ist, dass er folgt.',
    pt: 'Ordenados {towards}; contam-se {amps} até se ver que cumpre.',
  },
  exceeds: {
    de: '{towards} vorgegeben, zieht aber {amps}: so viel wird gerechnet.',
    pt: 'Ordenados {towards}, mas consome {amps}: é isso que se conta.',
  },
  settling: {
    de: 'Eben zurückgelesen: {amps} werden gerechnet, bis er Zeit hatte zu folgen.',
    pt: 'Acaba de ser lido de volta: contam-se {amps} até ter tido tempo de cumprir.',
  },
})

/** What would lift it. */
export const LIFTED = spoken<Lift>({
  configuration: { de: 'wie eingerichtet', pt: 'como configurado' },
  csms: { de: 'wenn das CSMS mehr erlaubt', pt: 'quando o CSMS permitir mais' },
  order: { de: 'wenn diese Grenze endet', pt: 'quando esse limite terminar' },
  session: { de: 'mit dem nächsten Ladevorgang', pt: 'com o próximo carregamento' },
  car: { de: 'wenn das Auto mehr nimmt', pt: 'quando o carro aceitar mais' },
  clock: { de: 'wenn die Zeiten stimmen, die sie schickt', pt: 'quando as horas que envia estiverem certas' },
  room: {
    de: 'wenn ein Auto aufhört oder die übrige Last sinkt',
    pt: 'quando um carro parar ou a outra carga baixar',
  },
  turn: {
    de: 'wenn ein Auto aufhört, die übrige Last sinkt oder er dran ist',
    pt: 'quando um carro parar, a outra carga baixar ou chegar a sua vez',
  },
  meter: {
    de: 'wenn der Zähler aktuell ist und zu den Ladestationen passt',
    pt: 'quando o contador estiver atual e concordar com os postos',
  },
  station: {
    de: 'wenn die Ladestation verbunden ist und ihre Ladeprofile zurückgelesen sind',
    pt: 'quando o posto se ligar e os perfis forem lidos de volta',
  },
  operator: { de: 'wenn jemand sie zurücknimmt', pt: 'quando um operador o retomar' },
  proof: { de: 'wenn eine Messung es zeigt', pt: 'quando uma medição o mostrar' },
  time: { de: 'von selbst', pt: 'por si' },
  none: { de: 'nicht von selbst', pt: 'não por si' },
})

/** What is kept for whom. */
export const KEPT = spoken<Exclude<PartCode, 'other load' | 'cars' | 'free'>>({
  meter: {
    de: ', weil Zähler {who} noch nicht bewährt ist',
    pt: ' porque o contador {who} ainda não deu provas',
  },
  stations: {
    de: ', weil von {who} nicht alles gemeldet wird, was gezogen wird',
    pt: ' porque não se sabe todo o consumo de {who}',
  },
  dip: {
    de: ', weil die übrige Last eben noch höher war',
    pt: ' porque a outra carga era maior há momentos',
  },
  'never seen': {
    de: ' für {who}, seit der Einrichtung nie gesehen',
    pt: ' para {who}, nunca visto desde que foi configurado',
  },
  unreachable: { de: ' für {who}, nicht verbunden', pt: ' para {who}, sem ligação' },
  unverified: {
    de: ' für {who}, Ladeprofile noch nicht zurückgelesen',
    pt: ' para {who}, perfis ainda não lidos de volta',
  },
  unproven: { de: ', bis bei {who} weniger zu sehen ist', pt: ' até se ver menos consumo de {who}' },
  standby: {
    de: ' für {who}, ohne Ladevorgang und nicht auf 0 A gehalten',
    pt: ' para {who}, sem carregamento e não mantido a 0 A',
  },
  retired: {
    de: ' für {who}, nicht mehr eingerichtet und nicht weg gesehen',
    pt: ' para {who}, já não configurado e não visto a sair',
  },
  stray: {
    de: ' für Ladepunkte von {who}, die niemand eingerichtet hat',
    pt: ' para pontos de {who} que ninguém configurou',
  },
  learner: { de: ' für {who}, unbekannt und eingelassen', pt: ' para {who}, desconhecido e admitido' },
})
