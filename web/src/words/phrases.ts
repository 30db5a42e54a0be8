/**
 * What the core says with values (`core/view/said`), in German and Portuguese, by its English: `{0}` is the first value, and a
 * value that is a phrase itself is looked up too. A test sees to it that every such text of the core is here.
 */
import { spoken } from './room.js'

export const PHRASES = spoken<string>({
  'Meter {0} is not believed, worst case of other load is assumed: {1}.{2}': {
    de: 'Zähler {0} wird nicht geglaubt, der ungünstigste Fall der übrigen Last gilt: {1}.{2}',
    pt: 'Não se acredita no contador {0}, assume-se o pior caso da outra carga: {1}.{2}',
  },
  'Meter {0} is in doubt, worst case of other load is assumed: {1}.': {
    de: 'Zähler {0} ist im Zweifel, der ungünstigste Fall der übrigen Last gilt: {1}.',
    pt: 'O contador {0} está em dúvida, assume-se o pior caso da outra carga: {1}.',
  },
  ' ({0}; unit {1} at {2})': { de: ' ({0}; Gerät {1} an {2})', pt: ' ({0}; unidade {1} em {2})' },
  ' Or stations of {0} hang on {1}, which carried more than anybody accounts for: they are held at their fail-safe. Compare the wiring.':
    {
      de: ' Oder Ladestationen von {0} hängen an {1}, der mehr führte, als jemand erklärt: sie bleiben auf ihrem Rückfallstrom. Verdrahtung vergleichen.',
      pt: ' Ou há postos de {0} ligados em {1}, que levou mais do que alguém explica: ficam na corrente de segurança. Compare as ligações.',
    },
  'What should outlive a restart could not be read ({0}): isolated stations are booked again, acknowledged alarms call again.':
    {
      de: 'Was einen Neustart überdauern soll, war nicht lesbar ({0}): freigeschaltete Ladestationen sind wieder gebucht, gesehene Störungen melden sich neu.',
      pt: 'O que devia sobreviver a um reinício não se conseguiu ler ({0}): os postos isolados voltam a contar, os alarmes anotados voltam a soar.',
    },
  'The last isolation or acknowledgement would not outlive a restart: {0}.': {
    de: 'Die letzte Freischaltung oder Kenntnisnahme würde einen Neustart nicht überdauern: {0}.',
    pt: 'O último isolamento ou anotação não sobreviveria a um reinício: {0}.',
  },
  'Stations and CSMS together send more than can be held until it is answered: the connections that hold most of it are closed.':
    {
      de: 'Ladestationen und CSMS schicken zusammen mehr, als bis zur Antwort zu halten ist: die Verbindungen, die das meiste davon halten, werden geschlossen.',
      pt: 'Os postos e o CSMS enviam mais do que se pode guardar até à resposta: fecham-se as ligações que mais guardam.',
    },
  'Two stations call themselves {0}: {1} connections from {2} were turned away. Give each its own identity.':
    {
      de: 'Zwei Ladestationen nennen sich {0}: {1} Verbindungen von {2} wurden abgewiesen. Jeder einen eigenen Namen geben.',
      pt: 'Dois postos chamam-se {0}: {1} ligações de {2} foram recusadas. Dê a cada um a sua identidade.',
    },
  'Other load on {0} is at least {1} A on {2}, configured worst case {3} A: without Busbar or meter the circuit is not safe. Correct worstCaseOtherLoadA.':
    {
      de: 'Die übrige Last an {0} ist auf {2} mindestens {1} A, als ungünstigster Fall sind {3} A eingerichtet: ohne Busbar oder Zähler ist der Stromkreis nicht sicher. worstCaseOtherLoadA berichtigen.',
      pt: 'A outra carga em {0} é pelo menos {1} A em {2}, o pior caso configurado são {3} A: sem Busbar ou contador o circuito não está seguro. Corrija worstCaseOtherLoadA.',
    },
  '{0} is not connected{1}; {2}.': {
    de: '{0} ist nicht verbunden{1}; {2}.',
    pt: '{0} está sem ligação{1}; {2}.',
  },
  ' (refused: {0} from {1})': { de: ' (abgewiesen: {0} von {1})', pt: ' (recusado: {0} de {1})' },
  'it is isolated, nothing is kept free for it': {
    de: 'sie ist freigeschaltet, nichts wird für sie freigehalten',
    pt: 'está isolado, nada é guardado para ele',
  },
  'its fail-safe or worst offer stays booked': {
    de: 'ihr Rückfallstrom oder die höchste Vorgabe bleibt gebucht',
    pt: 'a sua corrente de segurança ou a maior oferta fica reservada',
  },
  '{0} connector {1}': { de: '{0} Ladepunkt {1}', pt: '{0} ponto {1}' },
  '{0} draws more than it was offered.': {
    de: '{0} zieht mehr als vorgegeben.',
    pt: '{0} consome mais do que lhe foi oferecido.',
  },
  '{0} refused a charging profile.': {
    de: '{0} hat ein Ladeprofil abgelehnt.',
    pt: '{0} recusou um perfil de carga.',
  },
  '{0} does not know charging profiles.': {
    de: '{0} kennt keine Ladeprofile.',
    pt: '{0} não conhece perfis de carga.',
  },
  '{0}: profiles could not be read back.': {
    de: '{0}: Ladeprofile ließen sich nicht zurücklesen.',
    pt: '{0}: não foi possível ler os perfis de volta.',
  },
  'CSMS not reached at {0}{1}; {2}.': {
    de: 'CSMS unter {0} nicht erreicht{1}; {2}.',
    pt: 'CSMS não alcançado em {0}{1}; {2}.',
  },
  'CSMS reached by only {0} of {1} stations at {2}{3}; {4}.': {
    de: 'CSMS unter {2} nur von {0} von {1} Ladestationen erreicht{3}; {4}.',
    pt: 'CSMS alcançado só por {0} de {1} postos em {2}{3}; {4}.',
  },
  '1 message is kept for it': { de: '1 Nachricht wird dafür aufbewahrt', pt: '1 mensagem guardada para ele' },
  '{0} messages are kept for it': {
    de: '{0} Nachrichten werden dafür aufbewahrt',
    pt: '{0} mensagens guardadas para ele',
  },
  ': {0}': { de: ': {0}', pt: ': {0}' },
  '{0}; {1}': { de: '{0}; {1}', pt: '{0}; {1}' },
  '{0}, {1}': { de: '{0}, {1}', pt: '{0}, {1}' },
  '{0} at {1}': { de: '{0} an {1}', pt: '{0} em {1}' },
  '1 station': { de: '1 Ladestation', pt: '1 posto' },
  '{0} stations': { de: '{0} Ladestationen', pt: '{0} postos' },
  'MQTT broker not reached at {0}.': {
    de: 'MQTT-Broker unter {0} nicht erreicht.',
    pt: 'Broker MQTT não alcançado em {0}.',
  },
  'MQTT broker not reached at {0}: {1}.': {
    de: 'MQTT-Broker unter {0} nicht erreicht: {1}.',
    pt: 'Broker MQTT não alcançado em {0}: {1}.',
  },
  'MQTT broker at {0} refused the connection: {1}.': {
    de: 'MQTT-Broker unter {0} hat die Verbindung abgelehnt: {1}.',
    pt: 'O broker MQTT em {0} recusou a ligação: {1}.',
  },
  'no reason given': { de: 'kein Grund genannt', pt: 'sem motivo indicado' },
  '{0} is no longer configured and was not seen gone: {1} A stay booked on {2} until it is declared isolated.':
    {
      de: '{0} ist nicht mehr eingerichtet und wurde nicht weg gesehen: {1} A bleiben auf {2} gebucht, bis sie als freigeschaltet erklärt ist.',
      pt: '{0} já não está configurado e não foi visto a sair: {1} A ficam reservados em {2} até ser declarado isolado.',
    },
  "Busbar's clock jumped by {0} s: stations keep the time they had until no schedule depends on it.": {
    de: 'Busbars Uhr sprang um {0} s: Ladestationen behalten ihre Zeit, bis kein Ladeprofil davon abhängt.',
    pt: 'O relógio do Busbar saltou {0} s: os postos mantêm a hora que tinham até nenhum perfil depender dela.',
  },
  "Busbar's clock {0}. Stations get the CSMS's time, and this one while the CSMS is away.": {
    de: 'Busbars Uhr {0}. Ladestationen bekommen die Zeit des CSMS, und diese, solange es nicht erreicht wird.',
    pt: 'O relógio do Busbar {0}. Os postos recebem a hora do CSMS, e esta enquanto ele está sem ligação.',
  },
  'stands before what was written down last, so time goes on from there: {0} UTC': {
    de: 'steht vor dem zuletzt Aufgeschriebenen, darum geht die Zeit von dort weiter: {0} UTC',
    pt: 'está antes do último registo, por isso a hora continua daí: {0} UTC',
  },
  'was never set: {0} UTC': { de: 'wurde nie gestellt: {0} UTC', pt: 'nunca foi acertado: {0} UTC' },
  '{0} cannot be planned for ({1}): it is left to its fail-safe until it connects anew.': {
    de: '{0} lässt sich nicht planen ({1}): bleibt auf dem Rückfallstrom, bis sie sich neu verbindet.',
    pt: 'Não é possível planear {0} ({1}): fica na corrente de segurança até se ligar de novo.',
  },
  '{0} runs its schedules by another clock than its messages: nothing above its fail-safe is written.': {
    de: '{0} führt Ladepläne nach einer anderen Uhr als ihre Nachrichten: nichts über dem Rückfallstrom wird geschrieben.',
    pt: '{0} segue os seus horários por um relógio diferente do das mensagens: nada acima da corrente de segurança é escrito.',
  },
  '{0} connector {1}: in {2} sessions the meter saw its first conductor on {3}': {
    de: '{0} Ladepunkt {1}: in {2} Ladevorgängen sah der Zähler seinen ersten Leiter auf {3}',
    pt: '{0} ponto {1}: em {2} sessões o contador viu o seu primeiro condutor em {3}',
  },
  '{0}. Its rotation of phases is not configured: with it a car on one phase leaves the others to others.': {
    de: '{0}. Seine Phasendrehung ist nicht eingerichtet: mit ihr lässt ein einphasiges Auto die anderen Phasen anderen.',
    pt: '{0}. A sua rotação de fases não está configurada: com ela um carro monofásico deixa as outras fases a outros.',
  },
  '{0}, by the configuration it hangs on {1}: look at its phases and their rotation.': {
    de: '{0}, eingerichtet ist {1}: Phasen und Phasendrehung prüfen.',
    pt: '{0}, na configuração está em {1}: verifique as fases e a sua rotação.',
  },
  '{0} connector {1} is in use and not configured: it cannot be controlled, {2} A are booked for it on every phase.':
    {
      de: '{0} Ladepunkt {1} ist in Benutzung und nicht eingerichtet: nicht steuerbar, {2} A sind auf jeder Phase dafür gebucht.',
      pt: '{0} ponto {1} está em uso e não está configurado: não pode ser comandado, {2} A reservados em cada fase.',
    },
  '{0} is configured, the station says it has {1}: it is booked at {2} A.': {
    de: '{0} ist eingerichtet, die Ladestation sagt, sie habe {1}: mit {2} A gebucht.',
    pt: '{0} está configurado, o posto diz que tem {1}: reservado com {2} A.',
  },
  '{0} lost its fail-safe in a restart: while it cannot be reached it is booked at {1} A.': {
    de: '{0} verlor seinen Rückfallstrom bei einem Neustart: solange nicht erreichbar, mit {1} A gebucht.',
    pt: '{0} perdeu a corrente de segurança num reinício: enquanto não se alcançar, reservado com {1} A.',
  },
  '{0} draws {1} A {2}: that is booked, and others give way.': {
    de: '{0} zieht {1} A {2}: das wird gebucht, andere weichen.',
    pt: '{0} consome {1} A {2}: fica reservado e os outros cedem.',
  },
  'without a transaction': { de: 'ohne Ladevorgang', pt: 'sem carregamento' },
  'more than was ever offered': { de: 'mehr als je vorgegeben', pt: 'mais do que alguma vez oferecido' },
  '{0} was released by an operator: {1}, {2} A stay booked for it until it is taken back or gone from the configuration.':
    {
      de: '{0} wurde von jemandem freigegeben: {1}, {2} A bleiben gebucht, bis sie zurückgenommen oder aus der Konfiguration ist.',
      pt: '{0} foi libertado por um operador: {1}, {2} A ficam reservados até ser retomado ou sair da configuração.',
    },
  'its profiles are cleared when the others have made room': {
    de: 'ihre Ladeprofile werden gelöscht, wenn die anderen Platz gemacht haben',
    pt: 'os perfis são apagados quando os outros derem lugar',
  },
  'its profiles are being cleared': {
    de: 'ihre Ladeprofile werden gelöscht',
    pt: 'os perfis estão a ser apagados',
  },
  'nothing is written to it': { de: 'nichts wird ihr geschrieben', pt: 'nada lhe é escrito' },
  'Journal cannot be written: {0}.': {
    de: 'Das Journal ist nicht beschreibbar: {0}.',
    pt: 'Não é possível escrever o diário: {0}.',
  },
  'The disk takes {0} s for a write: stations wait for their answers.': {
    de: 'Die Platte braucht {0} s zum Schreiben: Ladestationen warten auf Antwort.',
    pt: 'O disco demora {0} s a escrever: os postos esperam pela resposta.',
  },
  'No more can be kept for {0}: no session begins there while the CSMS is away, and what comes is left unanswered.':
    {
      de: 'Für {0} ist kein Platz mehr: ohne CSMS beginnt dort kein Ladevorgang, was kommt, bleibt unbeantwortet.',
      pt: 'Não cabe mais nada de {0}: sem CSMS não começa lá nenhum carregamento, e o que chega fica sem resposta.',
    },
  'The CSMS would not take {0} messages of {1}: somebody has to decide about them.': {
    de: 'Das CSMS nahm {0} Nachrichten von {1} nicht an: jemand muss darüber entscheiden.',
    pt: 'O CSMS não aceitou {0} mensagens de {1}: alguém tem de decidir.',
  },
  '{0} periodic meter values of {1} were given up, because too much waits for the CSMS.': {
    de: '{0} regelmäßige Messwerte von {1} wurden aufgegeben, weil zu viel auf das CSMS wartet.',
    pt: '{0} valores periódicos de {1} foram abandonados, porque há demasiado à espera do CSMS.',
  },
  '{0} messages of {1} wait, and it is not configured any more: nobody delivers them.': {
    de: '{0} Nachrichten von {1} warten, und sie ist nicht mehr eingerichtet: niemand liefert sie aus.',
    pt: '{0} mensagens de {1} esperam, e já não está configurado: ninguém as entrega.',
  },
  '{0} and {1} more': { de: '{0} und {1} weitere', pt: '{0} e mais {1}' },
  'The certificate {0} {1}: {2}.': { de: 'Das Zertifikat {0} {1}: {2}.', pt: 'O certificado {0} {1}: {2}.' },
  'of this cabinet': { de: 'dieses Schaltschranks', pt: 'deste quadro' },
  'shown to the CSMS': { de: 'für das CSMS', pt: 'mostrado ao CSMS' },
  'Which security profile stations have used is lost: {0} are let in by the best port alone. Lower those by name that can do less.':
    {
      de: 'Welches Sicherheitsprofil die Ladestationen nutzten, ist verloren: {0} werden nur am besten Port eingelassen. Die, die weniger können, einzeln herabsetzen.',
      pt: 'Perdeu-se que perfil de segurança os postos usaram: {0} só entram pela melhor porta. Baixe, pelo nome, os que podem menos.',
    },
  'The receiver of the security record is away ({0}): {1} entries wait{2}. The record here is whole.': {
    de: 'Der Empfänger des Sicherheitsprotokolls ist weg ({0}): {1} Einträge warten{2}. Das Protokoll hier ist vollständig.',
    pt: 'O recetor do registo de segurança não responde ({0}): {1} entradas esperam{2}. O registo aqui está completo.',
  },
  ', {0} were not sent': { de: ', {0} wurden nicht gesendet', pt: ', {0} não foram enviadas' },
  'have the CSMS give a new one (SignChargePointCertificate)': {
    de: 'vom CSMS ein neues geben lassen (SignChargePointCertificate)',
    pt: 'peça ao CSMS um novo (SignChargePointCertificate)',
  },
  'of the {0}': { de: 'des {0}', pt: 'do {0}' },
  'of {0}': { de: 'von {0}', pt: 'de {0}' },
  'has expired': { de: 'ist abgelaufen', pt: 'expirou' },
  'ends within a day': { de: 'endet binnen eines Tages', pt: 'termina dentro de um dia' },
  'ends within {0} days': { de: 'endet binnen {0} Tagen', pt: 'termina dentro de {0} dias' },
  'it renews itself where the site authority made it; put a new file where not': {
    de: 'es erneuert sich, wo die Stelle der Anlage es ausgab; sonst eine neue Datei hinterlegen',
    pt: 'renova-se sozinho se foi a autoridade da instalação a emiti-lo; senão, ponha um ficheiro novo',
  },
  'put a new one in its file': { de: 'ein neues in seine Datei legen', pt: 'ponha um novo no seu ficheiro' },
  'have the station ask for a new one (ExtendedTriggerMessage SignChargePointCertificate)': {
    de: 'die Ladestation ein neues anfordern lassen (ExtendedTriggerMessage SignChargePointCertificate)',
    pt: 'faça o posto pedir um novo (ExtendedTriggerMessage SignChargePointCertificate)',
  },
  '{0} cannot be used: {1}. What was read before is used until then; where nothing was, that port or link stays closed.':
    {
      de: '{0} ist nicht brauchbar: {1}. Bis dahin gilt, was vorher gelesen wurde; wo nichts war, bleibt dieser Port oder diese Verbindung zu.',
      pt: '{0} não serve: {1}. Até lá usa-se o que foi lido antes; onde não havia nada, essa porta ou ligação fica fechada.',
    },
  'What the site authority did last is not on the disk: {0}. A revocation holds until the next start.': {
    de: 'Was die Stelle der Anlage zuletzt tat, ist nicht auf der Platte: {0}. Eine Sperrung gilt bis zum nächsten Start.',
    pt: 'O que a autoridade da instalação fez por último não está no disco: {0}. Uma revogação vale até ao próximo arranque.',
  },
  'The security record was changed or cut from entry {0} on, not by Busbar: take a copy, and ask who had the disk.':
    {
      de: 'Das Sicherheitsprotokoll wurde ab Eintrag {0} geändert oder gekürzt, nicht von Busbar: eine Kopie nehmen und fragen, wer die Platte hatte.',
      pt: 'O registo de segurança foi alterado ou cortado a partir da entrada {0}, não pelo Busbar: faça uma cópia e pergunte quem teve o disco.',
    },
  'The last entries of the security record are not on the disk: {0}.': {
    de: 'Die letzten Einträge des Sicherheitsprotokolls sind nicht auf der Platte: {0}.',
    pt: 'As últimas entradas do registo de segurança não estão no disco: {0}.',
  },
  '{0} is not in the configuration{1}: it may hang on any circuit, so {2} A are booked for it on each.{3}': {
    de: '{0} ist nicht in der Konfiguration{1}: sie kann an jedem Stromkreis hängen, darum sind {2} A auf jedem gebucht.{3}',
    pt: '{0} não está na configuração{1}: pode estar em qualquer circuito, por isso há {2} A reservados em cada um.{3}',
  },
  ' and left while in use': { de: ' und ging während der Benutzung', pt: ' e saiu enquanto estava em uso' },
  ' That does not fit on {0}: should it draw it, the limit is not held.': {
    de: ' Das passt nicht auf {0}: zöge sie es, wäre die Grenze nicht gehalten.',
    pt: ' Isso não cabe em {0}: se o consumir, o limite não é cumprido.',
  },
  'The stations of {0} draw {1} A, and {2} allows them {3} A.': {
    de: 'Die Ladestationen von {0} ziehen {1} A, und {2} erlaubt ihnen {3} A.',
    pt: 'Os postos de {0} consomem {1} A, e {2} permite-lhes {3} A.',
  },
  '{0} carries {1} A, and {2} allows {3} A.': {
    de: '{0} führt {1} A, und {2} erlaubt {3} A.',
    pt: '{0} leva {1} A, e {2} permite {3} A.',
  },
  'Mirror {0} hears {1} of {2} stations at {3}{4}; {5} reports wait, {6} were given up so far. Nothing else depends on it.':
    {
      de: 'Mithörer {0} hört {1} von {2} Ladestationen unter {3}{4}; {5} Meldungen warten, {6} wurden bisher aufgegeben. Sonst hängt nichts daran.',
      pt: 'O espelho {0} ouve {1} de {2} postos em {3}{4}; {5} mensagens esperam, {6} foram abandonadas. Nada mais depende dele.',
    },
  'connection refused': { de: 'Verbindung abgelehnt', pt: 'ligação recusada' },
  'connection cut by the other side': {
    de: 'von der Gegenseite getrennt',
    pt: 'ligação cortada pelo outro lado',
  },
  'connection given up': { de: 'Verbindung aufgegeben', pt: 'ligação abandonada' },
  'connection closed': { de: 'Verbindung geschlossen', pt: 'ligação fechada' },
  'no way to this address': { de: 'kein Weg zu dieser Adresse', pt: 'sem caminho para este endereço' },
  'no way to this network': { de: 'kein Weg in dieses Netz', pt: 'sem caminho para esta rede' },
  'host is down': { de: 'Rechner ist aus', pt: 'a máquina está desligada' },
  'own network is down': { de: 'eigenes Netz ist aus', pt: 'a rede própria está em baixo' },
  'no answer': { de: 'keine Antwort', pt: 'sem resposta' },
  'name is not known': { de: 'Name ist nicht bekannt', pt: 'o nome não é conhecido' },
  'name cannot be looked up': { de: 'Name lässt sich nicht auflösen', pt: 'não se consegue resolver o nome' },
  'name cannot be looked up, no name server answers': {
    de: 'Name lässt sich nicht auflösen, kein Namensserver antwortet',
    pt: 'não se consegue resolver o nome, nenhum servidor responde',
  },
  'no connection': { de: 'keine Verbindung', pt: 'sem ligação' },
  'no secure connection': { de: 'keine sichere Verbindung', pt: 'sem ligação segura' },
  timeout: { de: 'keine Antwort', pt: 'sem resposta' },
  frozen: { de: 'eingefroren', pt: 'parado' },
  'timeout, frozen': { de: 'keine Antwort, eingefroren', pt: 'sem resposta, parado' },
  '{0} carries {1} A, rated {2} A.{3}': {
    de: '{0} führt {1} A, Nennstrom {2} A.{3}',
    pt: '{0} leva {1} A, nominal {2} A.{3}',
  },
  ' No fuse of this rating carries that for long: if it holds, the ratio or the scale of its meter is wrong.':
    {
      de: ' Keine Sicherung dieses Nennstroms trägt das lange: hält sie, stimmt das Wandlerverhältnis oder die Skala des Zählers nicht.',
      pt: ' Nenhum disjuntor desta corrente aguenta isso muito tempo: se aguentar, a relação ou a escala do contador está errada.',
    },
  'Meter {0} gives nothing{1}: worst case of other load is assumed.{2}': {
    de: 'Zähler {0} liefert nichts{1}: der ungünstigste Fall der übrigen Last gilt.{2}',
    pt: 'O contador {0} não dá nada{1}: assume-se o pior caso da outra carga.{2}',
  },
  'Meter {0} is stale{1}: nothing is raised.{2}': {
    de: 'Zähler {0} ist veraltet{1}: nichts wird erhöht.{2}',
    pt: 'O contador {0} está atrasado{1}: nada é aumentado.{2}',
  },
  'On the line of meter {0} (unit {1} at {2}) came {3} answers within ten minutes that Busbar had not asked for: another master asks there, or two devices have one address. Let Busbar alone ask; others can read the meter from its Modbus server.':
    {
      de: 'Auf der Leitung des Zählers {0} (Gerät {1} an {2}) kamen binnen zehn Minuten {3} Antworten, nach denen Busbar nicht gefragt hat: ein anderer Master fragt dort, oder zwei Geräte haben eine Adresse. Nur Busbar fragen lassen; andere können den Zähler über seinen Modbus-Server lesen.',
      pt: 'Na linha do contador {0} (unidade {1} em {2}) chegaram {3} respostas em dez minutos que o Busbar não pediu: outro mestre pergunta ali, ou dois aparelhos têm o mesmo endereço. Deixe só o Busbar perguntar; os outros podem ler o contador no seu servidor Modbus.',
    },
  ' Choose the model that a scan of its line names.': {
    de: ' Das Modell wählen, das eine Suche auf seiner Leitung nennt.',
    pt: ' Escolha o modelo que uma procura na sua linha indica.',
  },
  ' Choose a model that there is.': {
    de: ' Ein vorhandenes Modell wählen.',
    pt: ' Escolha um modelo que exista.',
  },
  ' Check its supply, address, cable and unit id.': {
    de: ' Versorgung, Adresse, Kabel und Geräteadresse prüfen.',
    pt: ' Verifique a alimentação, o endereço, o cabo e a unidade.',
  },
  ' Check model and unit id; behind a gateway also its routes.': {
    de: ' Modell und Geräteadresse prüfen; hinter einem Gateway auch dessen Routen.',
    pt: ' Verifique o modelo e a unidade; atrás de um gateway também as suas rotas.',
  },
  ' Check model, word order and wiring.': {
    de: ' Modell, Wortfolge und Verdrahtung prüfen.',
    pt: ' Verifique o modelo, a ordem das palavras e as ligações.',
  },
  ' Check rate, parity, ends of the line, and that each address is given once.': {
    de: ' Baudrate, Parität, Leitungsabschluss prüfen, und dass jede Adresse nur einmal vergeben ist.',
    pt: ' Verifique a velocidade, a paridade, as terminações da linha e que cada endereço só existe uma vez.',
  },
})
