/** What alarms say (`core/words/alarms`), in German and Portuguese, by its code. One without its texts does not compile. */
import type { ALARM_WORDS } from '../../../src/core/words/alarms.js'
import { spoken } from './room.js'

export const PHRASES = spoken<keyof typeof ALARM_WORDS>({
  'meter-not-believed': {
    de: 'Zähler {meter} wird nicht geglaubt, der ungünstigste Fall der übrigen Last gilt: {verdict}.{exchanged}',
    pt: 'Não se acredita no contador {meter}, assume-se o pior caso da outra carga: {verdict}.{exchanged}',
  },
  'meter-in-doubt': {
    de: 'Zähler {meter} ist im Zweifel, der ungünstigste Fall der übrigen Last gilt: {doubt}.',
    pt: 'O contador {meter} está em dúvida, assume-se o pior caso da outra carga: {doubt}.',
  },
  'meter-fault-where': {
    de: ' ({fault}; Gerät {unitId} an {address})',
    pt: ' ({fault}; unidade {unitId} em {address})',
  },
  'meter-or-exchanged': {
    de: ' Oder Ladestationen von {here} hängen an {there}, der mehr führte, als jemand erklärt: sie bleiben auf ihrem Rückfallstrom. Verdrahtung vergleichen.',
    pt: ' Ou há postos de {here} ligados em {there}, que levou mais do que alguém explica: ficam na corrente de segurança. Compare as ligações.',
  },
  'view-failed': {
    de: 'Was angezeigt wird, ist durch einen eigenen Fehler von Busbar nicht der jetzige Stand ({reason}). Die Regelung läuft weiter; dem melden, der Busbar betreut.',
    pt: 'O que se mostra não é o estado de agora, por um erro do próprio Busbar ({reason}). O controlo continua; avise quem cuida do Busbar.',
  },
  'secrets-lost': {
    de: 'Die Passwörter waren nicht lesbar ({reason}): niemand kann sich anmelden, und Ladestationen kommen nur herein, wie das CSMS über sie urteilt. secrets.json zurücklegen, oder beiseitelegen und neu beginnen.',
    pt: 'As palavras-passe não se conseguiram ler ({reason}): ninguém pode entrar, e os postos só entram conforme o CSMS os julga. Reponha secrets.json, ou retire-o e comece de novo.',
  },
  'kept-state-lost': {
    de: 'Was einen Neustart überdauern soll, war nicht lesbar ({reason}): freigeschaltete Ladestationen sind wieder gebucht, gesehene Störungen melden sich neu.',
    pt: 'O que devia sobreviver a um reinício não se conseguiu ler ({reason}): os postos isolados voltam a contar, os alarmes anotados voltam a soar.',
  },
  'kept-state-not-written': {
    de: 'Die letzte Freischaltung oder Kenntnisnahme würde einen Neustart nicht überdauern: {reason}.',
    pt: 'O último isolamento ou anotação não sobreviveria a um reinício: {reason}.',
  },
  'peers-overfull': {
    de: 'Ladestationen und CSMS schicken zusammen mehr, als bis zur Antwort zu halten ist: die Verbindungen, die das meiste davon halten, werden geschlossen.',
    pt: 'Os postos e o CSMS enviam mais do que se pode guardar até à resposta: fecham-se as ligações que mais guardam.',
  },
  'identity-contested': {
    de: 'Zwei Ladestationen nennen sich {station}: {count} {count:Verbindung|Verbindungen} von {remote} {count:wurde|wurden} abgewiesen. Jeder einen eigenen Namen geben.',
    pt: 'Dois postos chamam-se {station}: {count} {count:ligação|ligações} de {remote} {count:foi recusada|foram recusadas}. Dê a cada um a sua identidade.',
  },
  'other-load-above-worst-case': {
    de: 'Die übrige Last an {circuit} ist auf {phase} mindestens {otherA} A, als ungünstigster Fall sind {worstA} A eingerichtet: ohne Busbar oder Zähler ist der Stromkreis nicht sicher. worstCaseOtherLoadA berichtigen.',
    pt: 'A outra carga em {circuit} é pelo menos {otherA} A em {phase}, o pior caso configurado são {worstA} A: sem Busbar ou contador o circuito não está seguro. Corrija worstCaseOtherLoadA.',
  },
  'station-not-connected': {
    de: '{station} ist nicht verbunden{refusal}; {kept}.',
    pt: '{station} está sem ligação{refusal}; {kept}.',
  },
  'station-refusal': { de: ' (abgewiesen: {reason} von {remote})', pt: ' (recusado: {reason} de {remote})' },
  'station-isolated': {
    de: 'sie ist freigeschaltet, nichts wird für sie freigehalten',
    pt: 'está isolado, nada é guardado para ele',
  },
  'station-stays-booked': {
    de: 'ihr Rückfallstrom oder die höchste Vorgabe bleibt gebucht',
    pt: 'a sua corrente de segurança ou a maior oferta fica reservada',
  },
  connector: { de: '{station} Ladepunkt {connector}', pt: '{station} ponto {connector}' },
  'connector-draws-more-than-offered': {
    de: '{connector} zieht mehr als vorgegeben.',
    pt: '{connector} consome mais do que lhe foi oferecido.',
  },
  'connector-refused-profile': {
    de: '{connector} hat ein Ladeprofil abgelehnt.',
    pt: '{connector} recusou um perfil de carga.',
  },
  'station-knows-no-profiles': {
    de: '{station} kennt keine Ladeprofile.',
    pt: '{station} não conhece perfis de carga.',
  },
  'profiles-not-read-back': {
    de: '{connector}: Ladeprofile ließen sich nicht zurücklesen.',
    pt: '{connector}: não foi possível ler os perfis de volta.',
  },
  'csms-not-reached': {
    de: 'CSMS unter {host} nicht erreicht{why}; {kept}.',
    pt: 'CSMS não alcançado em {host}{why}; {kept}.',
  },
  'csms-partly-reached': {
    de: 'CSMS unter {host} nur von {open} von {stations} Ladestationen erreicht{why}; {kept}.',
    pt: 'CSMS alcançado só por {open} de {stations} postos em {host}{why}; {kept}.',
  },
  'one-message-kept': { de: '1 Nachricht wird dafür aufbewahrt', pt: '1 mensagem guardada para ele' },
  'messages-kept': {
    de: '{count} Nachrichten werden dafür aufbewahrt',
    pt: '{count} mensagens guardadas para ele',
  },
  because: { de: ': {why}', pt: ': {why}' },
  'reason-of-stations': { de: '{reason}; {stations}', pt: '{reason}; {stations}' },
  'reasons-more': { de: '{reasons}, {more}', pt: '{reasons}, {more}' },
  'reason-at-stations': { de: '{reason} an {stations}', pt: '{reason} em {stations}' },
  'one-station': { de: '1 Ladestation', pt: '1 posto' },
  stations: { de: '{count} Ladestationen', pt: '{count} postos' },
  'broker-not-reached': {
    de: 'MQTT-Broker unter {host} nicht erreicht.',
    pt: 'Broker MQTT não alcançado em {host}.',
  },
  'broker-not-reached-because': {
    de: 'MQTT-Broker unter {host} nicht erreicht: {why}.',
    pt: 'Broker MQTT não alcançado em {host}: {why}.',
  },
  'broker-refused': {
    de: 'MQTT-Broker unter {host} hat die Verbindung abgelehnt: {why}.',
    pt: 'O broker MQTT em {host} recusou a ligação: {why}.',
  },
  'no-reason-given': { de: 'kein Grund genannt', pt: 'sem motivo indicado' },
  'station-retired': {
    de: '{station} ist nicht mehr eingerichtet und wurde nicht weg gesehen: {bookedA} A bleiben auf {circuits} gebucht, bis sie als freigeschaltet erklärt ist.',
    pt: '{station} já não está configurado e não foi visto a sair: {bookedA} A ficam reservados em {circuits} até ser declarado isolado.',
  },
  'clock-jumped': {
    de: 'Busbars Uhr sprang um {byS} s: Ladestationen behalten ihre Zeit, bis kein Ladeprofil davon abhängt.',
    pt: 'O relógio do Busbar saltou {byS} s: os postos mantêm a hora que tinham até nenhum perfil depender dela.',
  },
  'clock-not-trusted': {
    de: 'Busbars Uhr {why}. Ladestationen bekommen die Zeit des CSMS, und diese, solange es nicht erreicht wird.',
    pt: 'O relógio do Busbar {why}. Os postos recebem a hora do CSMS, e esta enquanto ele está sem ligação.',
  },
  'clock-stands-before': {
    de: 'steht vor dem zuletzt Aufgeschriebenen, darum geht die Zeit von dort weiter: {at} UTC',
    pt: 'está antes do último registo, por isso a hora continua daí: {at} UTC',
  },
  'clock-never-set': { de: 'wurde nie gestellt: {at} UTC', pt: 'nunca foi acertado: {at} UTC' },
  'station-not-planned': {
    de: '{station} lässt sich nicht planen ({fault}): bleibt auf dem Rückfallstrom, bis sie sich neu verbindet.',
    pt: 'Não é possível planear {station} ({fault}): fica na corrente de segurança até se ligar de novo.',
  },
  'station-runs-other-clock': {
    de: '{station} führt Ladepläne nach einer anderen Uhr als ihre Nachrichten: nichts über dem Rückfallstrom wird geschrieben.',
    pt: '{station} segue os seus horários por um relógio diferente do das mensagens: nada acima da corrente de segurança é escrito.',
  },
  'connector-seen-on': {
    de: '{station} Ladepunkt {connector}: in {sessions} Ladevorgängen sah der Zähler seinen ersten Leiter auf {phase}',
    pt: '{station} ponto {connector}: em {sessions} sessões o contador viu o seu primeiro condutor em {phase}',
  },
  'connector-third-seen-on': {
    de: '{station} Ladepunkt {connector}: in {sessions} Ladevorgängen zweiphasiger Autos sah der Zähler seinen dritten Leiter auf {phase}',
    pt: '{station} ponto {connector}: em {sessions} sessões de carros bifásicos o contador viu o seu terceiro condutor em {phase}',
  },
  'rotation-seen': {
    de: '{seen}. Seine Phasendrehung ist nicht eingerichtet: sie ist {rotation}, und mit ihr lässt ein Auto die Phasen, die es nicht nutzt, anderen.',
    pt: '{seen}. A sua rotação de fases não está configurada: é {rotation}, e com ela um carro deixa a outros as fases que não usa.',
  },
  'rotation-not-configured': {
    de: '{seen}. Seine Phasendrehung ist nicht eingerichtet: mit ihr lässt ein einphasiges Auto die anderen Phasen anderen.',
    pt: '{seen}. A sua rotação de fases não está configurada: com ela um carro monofásico deixa as outras fases a outros.',
  },
  'rotation-configured-otherwise': {
    de: '{seen}, eingerichtet ist {configured}: Phasen und Phasendrehung prüfen.',
    pt: '{seen}, na configuração está em {configured}: verifique as fases e a sua rotação.',
  },
  'connector-not-configured': {
    de: '{station} Ladepunkt {connector} ist in Benutzung und nicht eingerichtet: nicht steuerbar, {bookedA} A sind auf jeder Phase dafür gebucht.',
    pt: '{station} ponto {connector} está em uso e não está configurado: não pode ser comandado, {bookedA} A reservados em cada fase.',
  },
  'connector-not-there': {
    de: '{connector} ist eingerichtet, die Ladestation sagt, sie habe {count}: mit {bookedA} A gebucht.',
    pt: '{connector} está configurado, o posto diz que tem {count}: reservado com {bookedA} A.',
  },
  'connector-lost-fail-safe': {
    de: '{connector} verlor seinen Rückfallstrom bei einem Neustart: solange nicht erreichbar, mit {bookedA} A gebucht.',
    pt: '{connector} perdeu a corrente de segurança num reinício: enquanto não se alcançar, reservado com {bookedA} A.',
  },
  'connector-draws-unexplained': {
    de: '{connector} zieht {drawA} A {what}: das wird gebucht, andere weichen.',
    pt: '{connector} consome {drawA} A {what}: fica reservado e os outros cedem.',
  },
  'connector-power-not-followed': {
    de: '{connector}: die Leistung ist der Vorgabe nicht nach unten gefolgt, auf einer Phase wären es {bookedA} A: das wird gebucht, andere weichen.',
    pt: '{connector}: a potência não desceu com o que foi oferecido, numa só fase seriam {bookedA} A: fica reservado e os outros cedem.',
  },
  'without-transaction': { de: 'ohne Ladevorgang', pt: 'sem carregamento' },
  'more-than-ever-offered': { de: 'mehr als je vorgegeben', pt: 'mais do que alguma vez oferecido' },
  'station-released': {
    de: '{station} wurde von jemandem freigegeben: {how}, {bookedA} A bleiben gebucht, bis sie zurückgenommen oder aus der Konfiguration ist.',
    pt: '{station} foi libertado por um operador: {how}, {bookedA} A ficam reservados até ser retomado ou sair da configuração.',
  },
  'station-to-be-released': {
    de: '{station} kann noch nicht freigegeben werden und wird weiter gesteuert: mit ihrem Höchststrom neben den Rückfallströmen und der größten anderen Last trüge „{circuit}“ {sumA} von {limitA} A.',
    pt: '{station} ainda não pode ser libertado e continua a ser controlado: no máximo, com as correntes de segurança e a maior outra carga, "{circuit}" levaria {sumA} de {limitA} A.',
  },
  'release-waits': {
    de: 'ihre Ladeprofile werden gelöscht, wenn die anderen Platz gemacht haben',
    pt: 'os perfis são apagados quando os outros derem lugar',
  },
  'release-clears': { de: 'ihre Ladeprofile werden gelöscht', pt: 'os perfis estão a ser apagados' },
  'release-done': { de: 'nichts wird ihr geschrieben', pt: 'nada lhe é escrito' },
  'journal-not-written': {
    de: 'Das Journal ist nicht beschreibbar: {reason}.',
    pt: 'Não é possível escrever o diário: {reason}.',
  },
  'disk-slow': {
    de: 'Die Platte braucht {forS} s zum Schreiben: Ladestationen warten auf Antwort.',
    pt: 'O disco demora {forS} s a escrever: os postos esperam pela resposta.',
  },
  'journal-full': {
    de: 'Für {stations} ist kein Platz mehr: ohne CSMS beginnt dort kein Ladevorgang, was kommt, bleibt unbeantwortet.',
    pt: 'Não cabe mais nada de {stations}: sem CSMS não começa lá nenhum carregamento, e o que chega fica sem resposta.',
  },
  'csms-took-not': {
    de: 'Das CSMS nahm {count} {count:Nachricht|Nachrichten} von {stations} nicht an: jemand muss darüber entscheiden.',
    pt: 'O CSMS não aceitou {count} {count:mensagem|mensagens} de {stations}: alguém tem de decidir.',
  },
  'values-given-up': {
    de: '{count} {count:regelmäßiger Messwert|regelmäßige Messwerte} von {stations} {count:wurde|wurden} verworfen, weil zu viel auf das CSMS wartet.',
    pt: '{count} {count:valor periódico|valores periódicos} de {stations} {count:foi abandonado|foram abandonados}, porque há demasiado à espera do CSMS.',
  },
  'messages-left-behind': {
    de: '{count} {count:Nachricht|Nachrichten} von {station} {count:wartet|warten}, und die Ladestation ist nicht mehr eingerichtet: es wird nichts mehr ausgeliefert.',
    pt: '{count} {count:mensagem|mensagens} de {station} {count:espera|esperam}, e o posto já não está configurado: nada será entregue.',
  },
  'and-more': { de: '{names} und {count} weitere', pt: '{names} e mais {count}' },
  'certificate-ends': {
    de: 'Das Zertifikat {whose} {when}: {todo}.',
    pt: 'O certificado {whose} {when}: {todo}.',
  },
  'certificate-of-cabinet': { de: 'dieses Schaltschranks', pt: 'deste quadro' },
  'certificate-for-csms': { de: 'für das CSMS', pt: 'mostrado ao CSMS' },
  'security-profiles-lost': {
    de: 'Welches Sicherheitsprofil die Ladestationen nutzten, ist verloren: {stations} werden nur am besten Port eingelassen. Die, die weniger können, einzeln herabsetzen.',
    pt: 'Perdeu-se que perfil de segurança os postos usaram: {stations} só entram pela melhor porta. Baixe, pelo nome, os que podem menos.',
  },
  'syslog-away': {
    de: 'Der Empfänger des Sicherheitsprotokolls ist weg ({reason}): {waiting} {waiting:Eintrag wartet|Einträge warten}{dropped}. Das Protokoll hier ist vollständig.',
    pt: 'O recetor do registo de segurança não responde ({reason}): {waiting} {waiting:entrada espera|entradas esperam}{dropped}. O registo aqui está completo.',
  },
  'syslog-dropped': {
    de: ', {count} {count:wurde|wurden} nicht gesendet',
    pt: ', {count} {count:não foi enviada|não foram enviadas}',
  },
  'renew-by-csms': {
    de: 'das CSMS wird täglich um ein neues gebeten; eines geben lassen (SignChargePointCertificate)',
    pt: 'pede-se um novo ao CSMS todos os dias; faça-o dar um (SignChargePointCertificate)',
  },
  'certificate-of': { de: 'von {whom}', pt: 'de {whom}' },
  'certificate-expired': { de: 'ist abgelaufen', pt: 'expirou' },
  'certificate-ends-within-day': { de: 'endet binnen eines Tages', pt: 'termina dentro de um dia' },
  'certificate-ends-within-days': { de: 'endet binnen {days} Tagen', pt: 'termina dentro de {days} dias' },
  'renews-itself': {
    de: 'es erneuert sich, wo die Stelle der Anlage es ausgab; sonst eine neue Datei hinterlegen',
    pt: 'renova-se sozinho se foi a autoridade da instalação a emiti-lo; senão, ponha um ficheiro novo',
  },
  'put-new-file': { de: 'ein neues in seine Datei legen', pt: 'ponha um novo no seu ficheiro' },
  'renew-by-station': {
    de: 'die Ladestation ein neues anfordern lassen (ExtendedTriggerMessage SignChargePointCertificate)',
    pt: 'faça o posto pedir um novo (ExtendedTriggerMessage SignChargePointCertificate)',
  },
  'certificate-unusable': {
    de: '{path} ist nicht brauchbar: {reason}. Bis dahin gilt, was vorher gelesen wurde; wo nichts war, bleibt dieser Port oder diese Verbindung zu.',
    pt: '{path} não serve: {reason}. Até lá usa-se o que foi lido antes; onde não havia nada, essa porta ou ligação fica fechada.',
  },
  'authority-not-kept': {
    de: 'Was die Stelle der Anlage zuletzt tat, ist nicht auf der Platte: {reason}. Eine Sperrung gilt bis zum nächsten Start.',
    pt: 'O que a autoridade da instalação fez por último não está no disco: {reason}. Uma revogação vale até ao próximo arranque.',
  },
  'record-changed': {
    de: 'Das Sicherheitsprotokoll wurde ab Eintrag {entry} geändert oder gekürzt, nicht von Busbar: eine Kopie nehmen und fragen, wer die Platte hatte.',
    pt: 'O registo de segurança foi alterado ou cortado a partir da entrada {entry}, não pelo Busbar: faça uma cópia e pergunte quem teve o disco.',
  },
  'record-not-kept': {
    de: 'Die letzten Einträge des Sicherheitsprotokolls sind nicht auf der Platte: {reason}.',
    pt: 'As últimas entradas do registo de segurança não estão no disco: {reason}.',
  },
  'station-not-placed': {
    de: '{station} ist nicht in der Konfiguration{left}: sie kann an jedem Stromkreis hängen, darum sind {bookedA} A auf jedem gebucht.{fit}',
    pt: '{station} não está na configuração{left}: pode estar em qualquer circuito, por isso há {bookedA} A reservados em cada um.{fit}',
  },
  'left-in-use': { de: ' und ging während der Benutzung', pt: ' e saiu enquanto estava em uso' },
  'does-not-fit': {
    de: ' Das passt nicht auf {circuits}: zöge sie es, wäre die Grenze nicht gehalten.',
    pt: ' Isso não cabe em {circuits}: se o consumir, o limite não é cumprido.',
  },
  'stations-over-order': {
    de: 'Die Ladestationen von {circuit} ziehen {drawA} A, und {order} erlaubt ihnen {limitA} A.',
    pt: 'Os postos de {circuit} consomem {drawA} A, e {order} permite-lhes {limitA} A.',
  },
  'circuit-over-order': {
    de: '{circuit} führt {carriesA} A, und {order} erlaubt {limitA} A.',
    pt: '{circuit} leva {carriesA} A, e {order} permite {limitA} A.',
  },
  'mirror-away': {
    de: 'Mithörer {mirror} hört {open} von {wanted} {wanted:Ladestation|Ladestationen} unter {host}{why}; {waiting} {waiting:Meldung wartet|Meldungen warten}, {dropped} {dropped:wurde|wurden} bisher verworfen. Sonst hängt nichts daran.',
    pt: 'O espelho {mirror} ouve {open} de {wanted} {wanted:posto|postos} em {host}{why}; {waiting} {waiting:mensagem espera|mensagens esperam}, {dropped} {dropped:foi abandonada|foram abandonadas}. Nada mais depende dele.',
  },
  'meter-silent': { de: 'keine Antwort', pt: 'sem resposta' },
  'meter-frozen': { de: 'eingefroren', pt: 'parado' },
  'meter-cut': { de: 'Verbindung abgerissen', pt: 'ligação perdida' },
  'circuit-over-rating': {
    de: '{circuit} führt {carriesA} A, Nennstrom {ratedA} A.{blown}',
    pt: '{circuit} leva {carriesA} A, nominal {ratedA} A.{blown}',
  },
  'fuse-would-blow': {
    de: ' Keine Sicherung dieses Nennstroms trägt das lange: hält sie, stimmt das Wandlerverhältnis oder die Skala des Zählers nicht.',
    pt: ' Nenhum disjuntor desta corrente aguenta isso muito tempo: se aguentar, a relação ou a escala do contador está errada.',
  },
  'meter-gives-nothing': {
    de: 'Zähler {meter} liefert nichts{why}: der ungünstigste Fall der übrigen Last gilt.{remedy}',
    pt: 'O contador {meter} não dá nada{why}: assume-se o pior caso da outra carga.{remedy}',
  },
  'meter-stale': {
    de: 'Zähler {meter} ist veraltet{why}: nichts wird erhöht.{remedy}',
    pt: 'O contador {meter} está atrasado{why}: nada é aumentado.{remedy}',
  },
  'meter-line-shared': {
    de: 'Auf der Leitung des Zählers {meter} (Gerät {unitId} an {address}) kamen binnen zehn Minuten {count} Antworten, nach denen Busbar nicht gefragt hat: ein anderer Master fragt dort, oder zwei Geräte haben eine Adresse. Nur Busbar fragen lassen; andere können den Zähler über seinen Modbus-Server lesen.',
    pt: 'Na linha do contador {meter} (unidade {unitId} em {address}) chegaram {count} respostas em dez minutos que o Busbar não pediu: outro mestre pergunta ali, ou dois aparelhos têm o mesmo endereço. Deixe só o Busbar perguntar; os outros podem ler o contador no seu servidor Modbus.',
  },
  'choose-scanned-model': {
    de: ' Das Modell wählen, das eine Suche auf seiner Leitung nennt.',
    pt: ' Escolha o modelo que uma procura na sua linha indica.',
  },
  'choose-known-model': { de: ' Ein vorhandenes Modell wählen.', pt: ' Escolha um modelo que exista.' },
  'check-supply': {
    de: ' Versorgung, Adresse, Kabel und Geräteadresse prüfen.',
    pt: ' Verifique a alimentação, o endereço, o cabo e a unidade.',
  },
  'check-model-and-unit': {
    de: ' Modell und Geräteadresse prüfen; hinter einem Gateway auch dessen Routen.',
    pt: ' Verifique o modelo e a unidade; atrás de um gateway também as suas rotas.',
  },
  'check-model-and-wiring': {
    de: ' Modell, Wortfolge und Verdrahtung prüfen.',
    pt: ' Verifique o modelo, a ordem das palavras e as ligações.',
  },
  'check-line': {
    de: ' Baudrate, Parität, Leitungsabschluss prüfen, und dass jede Adresse nur einmal vergeben ist.',
    pt: ' Verifique a velocidade, a paridade, as terminações da linha e que cada endereço só existe uma vez.',
  },
  'certificate-of-uplink': {
    de: 'der Verbindung von {station} zum CSMS',
    pt: 'da ligação de {station} ao CSMS',
  },
  'order-hours': { de: 'die Tageszeit {name}', pt: 'o horário {name}' },
  'order-grid': { de: 'der Netzbetreiber ({name})', pt: 'o operador da rede ({name})' },
  'order-mean': { de: 'das Viertelstundenmittel {name}', pt: 'a média de quarto de hora {name}' },
  'order-import-locked': {
    de: 'die Sperre der Bezugsgrenze {name}',
    pt: 'o bloqueio do limite de importação {name}',
  },
  'order-import-limit': { de: 'die Bezugsgrenze {name}', pt: 'o limite de importação {name}' },
  'order-test': { de: 'die Verdrahtungsprüfung ({by})', pt: 'o teste de cablagem ({by})' },
  'order-silence': { de: 'das Schweigen von {name}', pt: 'o silêncio de {name}' },
  'order-page': { de: 'der Befehl auf der Seite ({by})', pt: 'a ordem na página ({by})' },
  'order-by': { de: 'der Befehl {name} ({by})', pt: 'a ordem {name} ({by})' },
  'not-set-up': {
    de: '{what}, oder in {path}, und Busbar neu starten. Nichts wird geregelt, Ladestationen können sich nicht verbinden.',
    pt: '{what}, ou em {path} e reinicie o Busbar. Nada é controlado, os postos não se podem ligar.',
  },
  'configuration-missing': {
    de: 'Noch keine Konfiguration: hier eine schreiben',
    pt: 'Ainda não há configuração: escreva uma aqui',
  },
  'configuration-fault': {
    de: 'Die Konfiguration hat einen Fehler: hier beheben',
    pt: 'A configuração tem uma falha: corrija-a aqui',
  },
  'configuration-faults': {
    de: 'Die Konfiguration hat {count} Fehler: hier beheben',
    pt: 'A configuração tem {count} falhas: corrija-as aqui',
  },
})
