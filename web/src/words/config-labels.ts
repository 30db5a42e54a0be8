/** Labels and help of the configuration’s keys (`core/config`), by their English. Loaded with the forms. */
import { spoken } from './room.js'

export const LABELS = spoken<string>({
  Address: { de: 'Adresse', pt: 'Endereço' },
  'IP address or name of the Modbus TCP device.': {
    de: 'IP-Adresse oder Name des Modbus-TCP-Geräts.',
    pt: 'Endereço IP ou nome do aparelho Modbus TCP.',
  },
  Port: { de: 'Port', pt: 'Porta' },
  'TCP.': { de: 'TCP.', pt: 'TCP.' },
  Unit: { de: 'Gerät', pt: 'Unidade' },
  'Modbus address.': { de: 'Modbus-Adresse.', pt: 'Endereço Modbus.' },
  Registers: { de: 'Register', pt: 'Registos' },
  'Where the device shows its inputs.': {
    de: 'Wo das Gerät seine Eingänge zeigt.',
    pt: 'Onde o aparelho mostra as suas entradas.',
  },
  Register: { de: 'Register', pt: 'Registo' },
  'From 0, as on the wire.': { de: 'Ab 0, wie auf der Leitung.', pt: 'A partir de 0, como na linha.' },
  Bit: { de: 'Bit', pt: 'Bit' },
  '0 = the lowest.': { de: '0 = das niedrigste.', pt: '0 = o mais baixo.' },
  'Reduced when': { de: 'Reduziert bei', pt: 'Reduzido quando' },
  'clear = also where the wire is cut, as the contact is closed at rest.': {
    de: 'clear = auch bei Drahtbruch, da der Kontakt in Ruhe geschlossen ist.',
    pt: 'clear = também com o fio cortado, pois o contacto está fechado em repouso.',
  },
  Poll: { de: 'Abfrage', pt: 'Leitura' },
  'Time between two reads.': { de: 'Zeit zwischen zwei Abfragen.', pt: 'Tempo entre duas leituras.' },
  'Silent after': { de: 'Stumm nach', pt: 'Mudo após' },
  'Without a good read this long, what holds in silence holds.': {
    de: 'So lange ohne gute Ablesung, und es gilt, was bei Stille gilt.',
    pt: 'Tanto tempo sem uma leitura boa, e vale o que vale no silêncio.',
  },
  'Digital input': { de: 'Digitaleingang', pt: 'Entrada digital' },
  Control: { de: 'Steuerung', pt: 'Comando' },
  'The id its orders carry.': {
    de: 'Der Name, den ihre Befehle tragen.',
    pt: 'O nome que as suas ordens levam.',
  },
  Circuit: { de: 'Stromkreis', pt: 'Circuito' },
  'Of whose stations; absent = of the whole site.': {
    de: 'Dessen Ladestationen gemeint sind; fehlt er, alle der Anlage.',
    pt: 'Cujos postos são visados; se faltar, os de toda a instalação.',
  },
  Door: { de: 'Zugang', pt: 'Via' },
  'How its orders come; a gateway for EEBus LPC gives them by MQTT or API.': {
    de: 'Wie ihre Befehle kommen; ein Gateway für EEBus LPC gibt sie per MQTT oder API.',
    pt: 'Como chegam as suas ordens; um gateway EEBus LPC dá-as por MQTT ou API.',
  },
  Points: { de: 'Punkte', pt: 'Pontos' },
  'Controllable devices counted by the grid operator; absent = the stations there.': {
    de: 'Steuerbare Geräte, wie der Netzbetreiber zählt; fehlt es, die Ladestationen dort.',
    pt: 'Aparelhos comandáveis que o operador da rede conta; se faltar, os postos de lá.',
  },
  'For one point': { de: 'Je Punkt', pt: 'Por ponto' },
  'What the operator has to leave to one.': {
    de: 'Was der Netzbetreiber einem lassen muss.',
    pt: 'O que o operador tem de deixar a cada um.',
  },
  'When it is silent': { de: 'Bei Stille', pt: 'Em silêncio' },
  'reduce = as if it had ordered, from the start on until it is heard.': {
    de: 'reduce = als hätte er befohlen, vom Start an, bis er zu hören ist.',
    pt: 'reduce = como se tivesse ordenado, desde o arranque até se ouvir.',
  },
  'With a meter; absent = the whole site.': {
    de: 'Mit einem Zähler; fehlt er, die ganze Anlage.',
    pt: 'Com um contador; se faltar, toda a instalação.',
  },
  Mean: { de: 'Mittelwert', pt: 'Média' },
  'Its name, by which the page gives the reason.': {
    de: 'Der Name, unter dem die Seite den Grund nennt.',
    pt: 'O nome com que a página dá a razão.',
  },
  'Mean limit': { de: 'Grenze des Mittelwerts', pt: 'Limite da média' },
  'Of all loads, over each quarter of an hour of the clock.': {
    de: 'Aller Lasten, über jede Viertelstunde der Uhr.',
    pt: 'De todas as cargas, em cada quarto de hora do relógio.',
  },
  'Import limit': { de: 'Bezugsgrenze', pt: 'Limite de importação' },
  Limit: { de: 'Grenze', pt: 'Limite' },
  'Of the connection, per phase (UK G100): above it for 15 s counts as an excursion.': {
    de: 'Des Anschlusses, je Phase (UK G100): 15 s darüber zählen als Überschreitung.',
    pt: 'Da ligação, por fase (UK G100): 15 s acima contam como excesso.',
  },
  'While locked out': { de: 'Während der Sperre', pt: 'Durante o bloqueio' },
  'What the stations may draw together in the 4 h of a lock-out.': {
    de: 'Was die Ladestationen in den 4 h einer Sperre zusammen ziehen dürfen.',
    pt: 'O que os postos podem consumir juntos nas 4 h de um bloqueio.',
  },
  'Absent = the whole site.': { de: 'Fehlt er, die ganze Anlage.', pt: 'Se faltar, toda a instalação.' },
  Window: { de: 'Zeitfenster', pt: 'Horário' },
  Days: { de: 'Tage', pt: 'Dias' },
  'Those it begins on.': { de: 'An denen es beginnt.', pt: 'Aqueles em que começa.' },
  From: { de: 'Von', pt: 'De' },
  'Local time.': { de: 'Ortszeit.', pt: 'Hora local.' },
  To: { de: 'Bis', pt: 'Até' },
  'Local time; not after "from" = on the next day.': {
    de: 'Ortszeit; nicht nach „Von“ = am nächsten Tag.',
    pt: 'Hora local; se não for depois de "De", é no dia seguinte.',
  },
  'Of the whole circuit, per phase. 0 = no station charges.': {
    de: 'Des ganzen Stromkreises, je Phase. 0 = keine Ladestation lädt.',
    pt: 'De todo o circuito, por fase. 0 = nenhum posto carrega.',
  },
  Source: { de: 'Quelle', pt: 'Fonte' },
  'How its orders come.': { de: 'Wie ihre Befehle kommen.', pt: 'Como chegam as suas ordens.' },
  'Holds from the start on, whenever none of its orders is in force. Required where it protects what Busbar cannot measure; absent = nothing holds then.':
    {
      de: 'Gilt vom Start an, wann immer keiner ihrer Befehle gilt. Nötig, wo sie schützt, was Busbar nicht messen kann; fehlt es, gilt dann nichts.',
      pt: 'Vale desde o arranque, sempre que nenhuma das suas ordens vale. Necessário onde protege o que o Busbar não pode medir; se faltar, então nada vale.',
    },
  'Never less than': { de: 'Nie weniger als', pt: 'Nunca menos que' },
  'What it has promised never to go below. The fail-safes of all stations are proven to fit below it.': {
    de: 'Was sie nie zu unterschreiten versprochen hat. Die Rückfallströme aller Ladestationen müssen nachweislich darunter passen.',
    pt: 'Aquilo abaixo do qual prometeu nunca ir. Prova-se que as correntes de segurança de todos os postos cabem abaixo.',
  },
  Mirror: { de: 'Mithörer', pt: 'Espelho' },
  'Its name on the page and in metrics.': {
    de: 'Sein Name auf der Seite und in den Metriken.',
    pt: 'O seu nome na página e nas métricas.',
  },
  'Mirror URL': { de: 'URL des Mithörers', pt: 'URL do espelho' },
  'ws:// or wss:// URL; the station identity is added to it.': {
    de: 'URL mit ws:// oder wss://; der Name der Ladestation wird angehängt.',
    pt: 'URL ws:// ou wss://; a identidade do posto é acrescentada.',
  },
  Password: { de: 'Passwort', pt: 'Palavra-passe' },
  'The name of the entry in secrets.json that every station shows it; never a station’s own password.': {
    de: 'Der Name des Eintrags in secrets.json, den ihm jede Ladestation zeigt; nie das eigene Passwort einer Ladestation.',
    pt: 'O nome da entrada em secrets.json que cada posto lhe mostra; nunca a palavra-passe do próprio posto.',
  },
  CSMS: { de: 'CSMS', pt: 'CSMS' },
  'Composite with our limit': {
    de: 'Zusammengesetzter Plan mit unserer Grenze',
    pt: 'Plano composto com o nosso limite',
  },
  'What GetCompositeSchedule answers holds our limit too.': {
    de: 'Was GetCompositeSchedule antwortet, enthält auch unsere Grenze.',
    pt: 'O que GetCompositeSchedule responde contém também o nosso limite.',
  },
  Mirrors: { de: 'Mithörer', pt: 'Espelhos' },
  'Further systems that are told what stations say, and may order nothing.': {
    de: 'Weitere Systeme, die hören, was Ladestationen sagen, und nichts befehlen dürfen.',
    pt: 'Outros sistemas que ouvem o que os postos dizem e nada podem ordenar.',
  },
  Limits: { de: 'Grenzen', pt: 'Limites' },
  'set/limit and set/clear are obeyed.': {
    de: 'set/limit und set/clear werden befolgt.',
    pt: 'set/limit e set/clear são cumpridos.',
  },
  Pauses: { de: 'Pausen', pt: 'Pausas' },
  'set/enable is obeyed.': { de: 'set/enable wird befolgt.', pt: 'set/enable é cumprido.' },
  Departures: { de: 'Abfahrten', pt: 'Partidas' },
  'set/departure is obeyed.': { de: 'set/departure wird befolgt.', pt: 'set/departure é cumprido.' },
  Commands: { de: 'Befehle', pt: 'Ordens' },
  'What may be ordered over this broker. Whoever can publish there can then order it.': {
    de: 'Was über diesen Broker befohlen werden darf. Wer dort veröffentlichen kann, kann es dann befehlen.',
    pt: 'O que se pode ordenar por este broker. Quem lá pode publicar, pode então ordená-lo.',
  },
  QoS: { de: 'QoS', pt: 'QoS' },
  '0 = at most once, 1 = at least once, 2 = exactly once.': {
    de: '0 = höchstens einmal, 1 = mindestens einmal, 2 = genau einmal.',
    pt: '0 = no máximo uma vez, 1 = pelo menos uma vez, 2 = exatamente uma vez.',
  },
  Retain: { de: 'Aufheben', pt: 'Reter' },
  'The broker keeps the last one for who comes later.': {
    de: 'Der Broker hebt das Letzte für den auf, der später kommt.',
    pt: 'O broker guarda o último para quem chegar depois.',
  },
  'Site, alarms, limits and who was not let in': {
    de: 'Anlage, Störungen, Grenzen und wer nicht eingelassen wurde',
    pt: 'Instalação, alarmes, limites e quem não foi admitido',
  },
  Circuits: { de: 'Stromkreise', pt: 'Circuitos' },
  Meters: { de: 'Zähler', pt: 'Contadores' },
  'Stations and connectors': { de: 'Ladestationen und Ladepunkte', pt: 'Postos e pontos' },
  'Events, never retained': { de: 'Ereignisse, nie aufgehoben', pt: 'Eventos, nunca retidos' },
  'Discovery prefix': { de: 'Präfix der Erkennung', pt: 'Prefixo de descoberta' },
  'As Home Assistant’s MQTT integration has it.': {
    de: 'Wie in der MQTT-Integration von Home Assistant.',
    pt: 'Como na integração MQTT do Home Assistant.',
  },
  'Orders hold for': { de: 'Befehle gelten', pt: 'As ordens valem' },
  'What is set there ends by itself after so long.': {
    de: 'Was dort gesetzt wird, endet nach so langer Zeit von selbst.',
    pt: 'O que lá se define acaba por si ao fim desse tempo.',
  },
  'On 127.0.0.1, for this machine alone.': {
    de: 'Auf 127.0.0.1, nur für diesen Rechner.',
    pt: 'Em 127.0.0.1, só para esta máquina.',
  },
  'To listen on.': { de: 'Auf der gehorcht wird.', pt: 'Em que se escuta.' },
  'With TLS, by the certificate of the page.': {
    de: 'Mit TLS, mit dem Zertifikat der Seite.',
    pt: 'Com TLS, com o certificado da página.',
  },
  'From other machines, with TLS and the password above': {
    de: 'Von anderen Rechnern, mit TLS und dem Passwort oben',
    pt: 'De outras máquinas, com TLS e a palavra-passe acima',
  },
  'MQTT broker': { de: 'MQTT-Broker', pt: 'Broker MQTT' },
  'mqtt:// or mqtts:// URL.': { de: 'URL mit mqtt:// oder mqtts://.', pt: 'URL mqtt:// ou mqtts://.' },
  'Topic prefix': { de: 'Präfix der Topics', pt: 'Prefixo dos tópicos' },
  'Of every topic Busbar writes.': {
    de: 'Jedes Topics, das Busbar schreibt.',
    pt: 'De cada tópico que o Busbar escreve.',
  },
  Protocol: { de: 'Protokoll', pt: 'Protocolo' },
  '4 = MQTT 3.1.1, 5 = MQTT 5.': { de: '4 = MQTT 3.1.1, 5 = MQTT 5.', pt: '4 = MQTT 3.1.1, 5 = MQTT 5.' },
  'Broker inside': { de: 'Eigener Broker', pt: 'Broker interno' },
  'Home Assistant': { de: 'Home Assistant', pt: 'Home Assistant' },
  'First priority': { de: 'Erste Priorität', pt: 'Primeira prioridade' },
  'Which number of a request is served first: 1 or 9. Without it priorities are not used.': {
    de: 'Welche Zahl einer Anforderung zuerst bedient wird: 1 oder 9. Ohne Angabe gelten Prioritäten nicht.',
    pt: 'Que número de um pedido é servido primeiro: 1 ou 9. Sem isto as prioridades não contam.',
  },
  'Sparkplug B': { de: 'Sparkplug B', pt: 'Sparkplug B' },
  Group: { de: 'Gruppe', pt: 'Grupo' },
  'group_id of the topics below spBv1.0.': {
    de: 'group_id der Topics unter spBv1.0.',
    pt: 'group_id dos tópicos abaixo de spBv1.0.',
  },
  'Edge node': { de: 'Edge Node', pt: 'Edge node' },
  'edge_node_id, unique within the group.': {
    de: 'edge_node_id, einmalig in der Gruppe.',
    pt: 'edge_node_id, único no grupo.',
  },
  'Primary host': { de: 'Primary Host', pt: 'Primary host' },
  'host_id of the application without which nothing is published there.': {
    de: 'host_id der Anwendung, ohne die dort nichts veröffentlicht wird.',
    pt: 'host_id da aplicação sem a qual nada é publicado aí.',
  },
  'QoS and retain by topic': { de: 'QoS und Aufheben je Topic', pt: 'QoS e reter por tópico' },
  User: { de: 'Benutzer', pt: 'Utilizador' },
  'At the broker.': { de: 'Am Broker.', pt: 'No broker.' },
  'The name of the entry in secrets.json that holds it; never the password itself.': {
    de: 'Der Name des Eintrags in secrets.json, der es enthält; nie das Passwort selbst.',
    pt: 'O nome da entrada em secrets.json que a contém; nunca a própria palavra-passe.',
  },
  Type: { de: 'Typ', pt: 'Tipo' },
  'Of a value; float32 and int32 take two registers.': {
    de: 'Eines Werts; float32 und int32 brauchen zwei Register.',
    pt: 'De um valor; float32 e int32 ocupam dois registos.',
  },
  Scale: { de: 'Skalierung', pt: 'Escala' },
  'Value = raw number x scale: 0.001 where it counts mA.': {
    de: 'Wert = Rohzahl × Skalierung: 0.001, wo er mA zählt.',
    pt: 'Valor = número em bruto × escala: 0.001 onde conta mA.',
  },
  'Zero-based, as on the wire: 30001 is 0.': {
    de: 'Ab 0, wie auf der Leitung: 30001 ist 0.',
    pt: 'A partir de 0, como na linha: 30001 é 0.',
  },
  'L1, L2, L3': { de: 'L1, L2, L3', pt: 'L1, L2, L3' },
  'Zero-based addresses, as on the wire (30001 is 0); or at, type and scale.': {
    de: 'Adressen ab 0, wie auf der Leitung (30001 ist 0); oder at, type und scale.',
    pt: 'Endereços a partir de 0, como na linha (30001 é 0); ou at, type e scale.',
  },
  'Zero-based address, as on the wire; or at, type and scale.': {
    de: 'Adresse ab 0, wie auf der Leitung; oder at, type und scale.',
    pt: 'Endereço a partir de 0, como na linha; ou at, type e scale.',
  },
  Model: { de: 'Modell', pt: 'Modelo' },
  'A name for it.': { de: 'Ein Name dafür.', pt: 'Um nome para ele.' },
  'Function code': { de: 'Funktionscode', pt: 'Código de função' },
  '3 = holding registers, 4 = input registers.': {
    de: '3 = Holding-Register, 4 = Input-Register.',
    pt: '3 = registos holding, 4 = registos input.',
  },
  'Word order': { de: 'Wortfolge', pt: 'Ordem das palavras' },
  'big = high word first.': { de: 'big = hohes Wort zuerst.', pt: 'big = palavra alta primeiro.' },
  Powers: { de: 'Leistungen', pt: 'Potências' },
  'Without them every current counts as import.': {
    de: 'Ohne sie zählt jeder Strom als Bezug.',
    pt: 'Sem elas, toda a corrente conta como importação.',
  },
  Import: { de: 'Bezug', pt: 'Importação' },
  'In Wh: scale 1000 where it counts kWh.': {
    de: 'In Wh: Skalierung 1000, wo er kWh zählt.',
    pt: 'Em Wh: escala 1000 onde conta kWh.',
  },
  'Registers at once': { de: 'Register auf einmal', pt: 'Registos de uma vez' },
  'The most it answers in one request.': {
    de: 'Das Meiste, das er in einer Anfrage beantwortet.',
    pt: 'O máximo que responde num pedido.',
  },
  Timeout: { de: 'Wartezeit', pt: 'Tempo de espera' },
  'How long an answer may take.': {
    de: 'Wie lange eine Antwort dauern darf.',
    pt: 'Quanto pode demorar uma resposta.',
  },
  'Of this machine; whoever reaches it can read the site. 0.0.0.0 = all.': {
    de: 'Dieses Rechners; wer sie erreicht, kann die Anlage lesen. 0.0.0.0 = alle.',
    pt: 'Desta máquina; quem lá chega pode ler a instalação. 0.0.0.0 = todos.',
  },
  'TCP; 502 needs the right to open it.': {
    de: 'TCP; 502 braucht das Recht, ihn zu öffnen.',
    pt: 'TCP; 502 exige o direito de a abrir.',
  },
  'Unit id': { de: 'Geräteadresse', pt: 'Unidade' },
  'Others are not answered; 255 answers all.': {
    de: 'Andere bekommen keine Antwort; 255 antwortet allen.',
    pt: 'Às outras não se responde; 255 responde a todas.',
  },
  Meter: { de: 'Zähler', pt: 'Contador' },
  'The id of one that is read here.': {
    de: 'Der Name eines, der hier gelesen wird.',
    pt: 'O nome de um que é lido aqui.',
  },
  'Under which others ask for it here.': {
    de: 'Unter der andere hier nach ihm fragen.',
    pt: 'Com que outros aqui perguntam por ele.',
  },
  'Pass-through': { de: 'Durchreichen', pt: 'Passagem' },
  'Meters that let in one client only: others read them through this server, between our own polls. Reads only.':
    {
      de: 'Zähler, die nur einen Client einlassen: andere lesen sie durch diesen Server, zwischen unseren Abfragen. Nur Lesen.',
      pt: 'Contadores que só admitem um cliente: outros leem-nos por este servidor, entre as nossas leituras. Só leitura.',
    },
  'An entry of limits.sources by the door "modbus": its circuit, and what its silence means.': {
    de: 'Ein Eintrag von limits.sources mit dem Zugang „modbus“: sein Stromkreis, und was seine Stille bedeutet.',
    pt: 'Uma entrada de limits.sources com a via "modbus": o seu circuito e o que o seu silêncio significa.',
  },
  'Valid for': { de: 'Gültig für', pt: 'Válido por' },
  'From each write on; then what its silence means.': {
    de: 'Ab jedem Schreiben; danach gilt, was Stille bedeutet.',
    pt: 'Desde cada escrita; depois vale o que o silêncio significa.',
  },
  'Limit register': { de: 'Grenzregister', pt: 'Registo de limite' },
  'One register that whoever reaches the port may write: tenths of an amp per phase. It only lowers.': {
    de: 'Ein Register, das jeder schreiben darf, der den Port erreicht: Zehntel Ampere je Phase. Es senkt nur.',
    pt: 'Um registo que quem chega à porta pode escrever: décimos de ampere por fase. Só baixa.',
  },
  'Modbus server': { de: 'Modbus-Server', pt: 'Servidor Modbus' },
  'Measured values, limits and headroom for building controllers; one limit register where it is written.': {
    de: 'Messwerte, Grenzen und freier Platz für die Gebäudeleittechnik; ein Grenzregister, wo es eingetragen ist.',
    pt: 'Valores medidos, limites e folga para a gestão do edifício; um registo de limite onde estiver escrito.',
  },
  'Always allow': { de: 'Immer erlauben', pt: 'Permitir sempre' },
  'With the CSMS away everybody charges, as AlwaysAllowIdTag.': {
    de: 'Ist das CSMS weg, lädt jeder, als AlwaysAllowIdTag.',
    pt: 'Sem o CSMS todos carregam, como AlwaysAllowIdTag.',
  },
  'Tag of always allow': { de: 'Karte für „Immer erlauben“', pt: 'Cartão de "Permitir sempre"' },
  'Sent to the CSMS later.': { de: 'Geht später an das CSMS.', pt: 'Enviado ao CSMS mais tarde.' },
  'Resume after a power cut': { de: 'Nach Stromausfall fortsetzen', pt: 'Retomar após falta de energia' },
  'With the CSMS away Busbar starts a session again that a power cut has ended, at stations that lack this key.':
    {
      de: 'Ist das CSMS weg, beginnt Busbar einen Ladevorgang neu, den ein Stromausfall beendet hat, an Ladestationen ohne diesen Schlüssel.',
      pt: 'Sem o CSMS, o Busbar recomeça um carregamento que uma falta de energia terminou, em postos sem esta chave.',
    },
  'Allow unknown tags': { de: 'Unbekannte Karten erlauben', pt: 'Permitir cartões desconhecidos' },
  'With the CSMS away.': { de: 'Ist das CSMS weg.', pt: 'Sem o CSMS.' },
  'Energy of an unknown tag': {
    de: 'Energie einer unbekannten Karte',
    pt: 'Energia de um cartão desconhecido',
  },
  'What its session may take before the CSMS has spoken about it. Then it is treated as one of a refused tag.':
    {
      de: 'Was ihr Ladevorgang nehmen darf, bevor das CSMS über sie gesprochen hat. Dann gilt er wie einer mit abgelehnter Karte.',
      pt: 'O que o seu carregamento pode levar antes de o CSMS se pronunciar. Depois é tratado como o de um cartão recusado.',
    },
  'Time of an unknown tag': { de: 'Dauer einer unbekannten Karte', pt: 'Tempo de um cartão desconhecido' },
  'How long its session may last before the CSMS has spoken.': {
    de: 'Wie lange ihr Ladevorgang dauern darf, bevor das CSMS gesprochen hat.',
    pt: 'Quanto pode durar o seu carregamento antes de o CSMS se pronunciar.',
  },
  'Allow known tags': { de: 'Bekannte Karten erlauben', pt: 'Permitir cartões conhecidos' },
  'With the CSMS away, tags it accepted before may charge.': {
    de: 'Ist das CSMS weg, dürfen Karten laden, die es früher angenommen hat.',
    pt: 'Sem o CSMS, podem carregar os cartões que ele já aceitou.',
  },
  'Stop at a refused tag': { de: 'Bei abgelehnter Karte beenden', pt: 'Parar com cartão recusado' },
  'When the CSMS refuses it after the session began.': {
    de: 'Wenn das CSMS sie nach Beginn des Ladevorgangs ablehnt.',
    pt: 'Quando o CSMS o recusa depois de o carregamento começar.',
  },
  'Energy at a refused tag': { de: 'Energie bei abgelehnter Karte', pt: 'Energia com cartão recusado' },
  'What a session that goes on may still take.': {
    de: 'Was ein Ladevorgang, der weitergeht, noch nehmen darf.',
    pt: 'O que um carregamento que continua ainda pode levar.',
  },
  'Local list': { de: 'Lokale Liste', pt: 'Lista local' },
  'Judge by the list the CSMS sent the station.': {
    de: 'Nach der Liste urteilen, die das CSMS der Ladestation geschickt hat.',
    pt: 'Decidir pela lista que o CSMS enviou ao posto.',
  },
  Cache: { de: 'Zwischenspeicher', pt: 'Memória' },
  'Judge by what the CSMS said of a tag before.': {
    de: 'Nach dem urteilen, was das CSMS früher über eine Karte gesagt hat.',
    pt: 'Decidir pelo que o CSMS já disse de um cartão.',
  },
  Autocharge: { de: 'Autocharge', pt: 'Autocharge' },
  'A car may be its own tag.': {
    de: 'Ein Auto darf seine eigene Karte sein.',
    pt: 'Um carro pode ser o seu próprio cartão.',
  },
  'Accepted within': { de: 'Angenommen binnen', pt: 'Aceite há menos de' },
  'While the CSMS is away its own word about a tag lets nobody in that is older than this.': {
    de: 'Ist das CSMS weg, lässt sein eigenes Wort über eine Karte niemanden ein, wenn es älter ist.',
    pt: 'Sem o CSMS, a sua palavra sobre um cartão não deixa entrar ninguém se for mais antiga.',
  },
  'Commission offline': { de: 'Offline in Betrieb nehmen', pt: 'Pôr em serviço sem CSMS' },
  'A station the CSMS has never accepted, such as a replaced one, is taken in while the CSMS is away.': {
    de: 'Eine Ladestation, die das CSMS nie angenommen hat, etwa eine getauschte, wird aufgenommen, während das CSMS weg ist.',
    pt: 'Um posto que o CSMS nunca aceitou, como um substituído, é admitido enquanto o CSMS não está.',
  },
  'CSMS timeout': { de: 'CSMS gilt als weg nach', pt: 'O CSMS conta como ausente após' },
  'Without an answer for so long the CSMS counts as away.': {
    de: 'So lange ohne Antwort gilt das CSMS als weg.',
    pt: 'Sem resposta tanto tempo, o CSMS conta como ausente.',
  },
  Certificate: { de: 'Zertifikat', pt: 'Certificado' },
  'PEM, with what signed it below, without the root.': {
    de: 'PEM, darunter, was es unterschrieben hat, ohne die Wurzel.',
    pt: 'PEM, com quem o assinou abaixo, sem a raiz.',
  },
  Key: { de: 'Schlüssel', pt: 'Chave' },
  'PEM, without passphrase; for its certificate alone.': {
    de: 'PEM, ohne Passphrase; nur für sein Zertifikat.',
    pt: 'PEM, sem frase-passe; só para o seu certificado.',
  },
  'Security profile': { de: 'Sicherheitsprofil', pt: 'Perfil de segurança' },
  'Of OCPP: 0 none, 1 password, 2 TLS and password, 3 TLS and certificate of the station.': {
    de: 'Von OCPP: 0 keines, 1 Passwort, 2 TLS und Passwort, 3 TLS und Zertifikat der Ladestation.',
    pt: 'Do OCPP: 0 nenhum, 1 palavra-passe, 2 TLS e palavra-passe, 3 TLS e certificado do posto.',
  },
  'Ports for stations': { de: 'Ports für Ladestationen', pt: 'Portas para postos' },
  'In the place of host, port and securityProfile.': {
    de: 'Anstelle von host, port und securityProfile.',
    pt: 'Em vez de host, port e securityProfile.',
  },
  Names: { de: 'Namen', pt: 'Nomes' },
  'DNS names and addresses by which stations dial this cabinet, beside its own, for its certificate.': {
    de: 'DNS-Namen und Adressen, unter denen Ladestationen diesen Schrank anwählen, neben seinen eigenen, für sein Zertifikat.',
    pt: 'Nomes DNS e endereços por que os postos chamam este armário, além dos seus, para o seu certificado.',
  },
  'Own certificates': { de: 'Eigene Zertifikate', pt: 'Certificados próprios' },
  'In the place of those of the site authority: ECDSA, RSA or both.': {
    de: 'Anstelle derer der Anlagen-CA: ECDSA, RSA oder beide.',
    pt: 'Em vez dos da autoridade da instalação: ECDSA, RSA ou ambos.',
  },
  'Certificates of stations': { de: 'Zertifikate der Ladestationen', pt: 'Certificados dos postos' },
  'Who signs them. Without a CSMS it is the site authority.': {
    de: 'Wer sie unterschreibt. Ohne CSMS ist es die Anlagen-CA.',
    pt: 'Quem os assina. Sem CSMS é a autoridade da instalação.',
  },
  'Roots of stations': { de: 'Wurzeln der Ladestationen', pt: 'Raízes dos postos' },
  'PEM: who else may have signed certificates of stations.': {
    de: 'PEM: wer sonst Zertifikate von Ladestationen unterschrieben haben darf.',
    pt: 'PEM: quem mais pode ter assinado certificados de postos.',
  },
  CPO: { de: 'CPO', pt: 'CPO' },
  'The organization that certificates of stations must name. Absent = any.': {
    de: 'Die Organisation, die Zertifikate von Ladestationen nennen müssen. Fehlt sie, jede.',
    pt: 'A organização que os certificados dos postos têm de indicar. Se faltar, qualquer uma.',
  },
  'Least security profile': { de: 'Mindestes Sicherheitsprofil', pt: 'Perfil de segurança mínimo' },
  'It is not let in with less. It rises by itself.': {
    de: 'Mit weniger wird sie nicht eingelassen. Es steigt von selbst.',
    pt: 'Não é admitido com menos. Sobe por si.',
  },
  'Name in its certificate': { de: 'Name in ihrem Zertifikat', pt: 'Nome no seu certificado' },
  'Where that is not its identity: mostly its serial number.': {
    de: 'Wo das nicht ihr Name ist: meist ihre Seriennummer.',
    pt: 'Onde não é a sua identidade: em geral o número de série.',
  },
  'Certificate for the CSMS': { de: 'Zertifikat für das CSMS', pt: 'Certificado para o CSMS' },
  'Shown for this station, in the place of csms.tls.certificate.': {
    de: 'Für diese Ladestation gezeigt, anstelle von csms.tls.certificate.',
    pt: 'Mostrado por este posto, em vez de csms.tls.certificate.',
  },
  'Profile towards the CSMS': { de: 'Profil gegenüber dem CSMS', pt: 'Perfil perante o CSMS' },
  'The CSMS may raise it to 3, once it has given a certificate.': {
    de: 'Das CSMS darf es auf 3 heben, sobald es ein Zertifikat gegeben hat.',
    pt: 'O CSMS pode subi-lo para 3, depois de dar um certificado.',
  },
  Lifted: { de: 'Gehoben', pt: 'Elevado' },
  'Towards the CSMS this cabinet has password, certificate and security keys in its name. Its own network must be one that is trusted.':
    {
      de: 'Gegenüber dem CSMS hat dieser Schrank Passwort, Zertifikat und Sicherheitsschlüssel in ihrem Namen. Ihrem eigenen Netz muss zu trauen sein.',
      pt: 'Perante o CSMS, este armário tem palavra-passe, certificado e chaves de segurança em seu nome. A sua própria rede tem de ser de confiança.',
    },
  'Own certificate': { de: 'Eigenes Zertifikat', pt: 'Certificado próprio' },
  'Shown by the page, in the place of that of the site authority.': {
    de: 'Von der Seite gezeigt, anstelle dessen der Anlagen-CA.',
    pt: 'Mostrado pela página, em vez do da autoridade da instalação.',
  },
  'Without TLS': { de: 'Ohne TLS', pt: 'Sem TLS' },
  'Whoever asks by http:// is sent to https://. "serve" answers: whoever listens on the line reads the passwords.':
    {
      de: 'Wer mit http:// fragt, wird zu https:// geschickt. „serve“ antwortet: wer die Leitung abhört, liest die Passwörter mit.',
      pt: 'Quem pede por http:// é enviado para https://. "serve" responde: quem escuta a linha lê as palavras-passe.',
    },
  Roots: { de: 'Wurzeln', pt: 'Raízes' },
  'Who may have signed the certificate of the server.': {
    de: 'Wer das Zertifikat des Servers unterschrieben haben darf.',
    pt: 'Quem pode ter assinado o certificado do servidor.',
  },
  'File of roots': { de: 'Datei der Wurzeln', pt: 'Ficheiro de raízes' },
  'PEM.': { de: 'PEM.', pt: 'PEM.' },
  'Pinned keys': { de: 'Festgelegte Schlüssel', pt: 'Chaves fixadas' },
  'SHA-256 of the public key (SPKI), base64. The next one beside the present one lets the server change it.':
    {
      de: 'SHA-256 des öffentlichen Schlüssels (SPKI), base64. Der nächste neben dem jetzigen lässt den Server wechseln.',
      pt: 'SHA-256 da chave pública (SPKI), base64. A próxima ao lado da atual deixa o servidor mudá-la.',
    },
  'Client certificate': { de: 'Client-Zertifikat', pt: 'Certificado de cliente' },
  'Shown to the server; towards a CSMS this is security profile 3.': {
    de: 'Dem Server gezeigt; gegenüber einem CSMS ist das Sicherheitsprofil 3.',
    pt: 'Mostrado ao servidor; perante um CSMS é o perfil de segurança 3.',
  },
  Receiver: { de: 'Empfänger', pt: 'Recetor' },
  'DNS name or IP address; its certificate must name it.': {
    de: 'DNS-Name oder IP-Adresse; sein Zertifikat muss ihn nennen.',
    pt: 'Nome DNS ou endereço IP; o seu certificado tem de o indicar.',
  },
  'Syslog over TLS; mostly 6514.': {
    de: 'Syslog über TLS; meist 6514.',
    pt: 'Syslog sobre TLS; em geral 6514.',
  },
  Syslog: { de: 'Syslog', pt: 'Syslog' },
  'Each entry of the security record, by RFC 5424 over TLS.': {
    de: 'Jeder Eintrag des Sicherheitsprotokolls, nach RFC 5424 über TLS.',
    pt: 'Cada entrada do registo de segurança, por RFC 5424 sobre TLS.',
  },
  'Listens on': { de: 'Horcht auf', pt: 'Escuta em' },
  'The address of this machine; 0.0.0.0 = every one.': {
    de: 'Die Adresse dieses Rechners; 0.0.0.0 = jede.',
    pt: 'O endereço desta máquina; 0.0.0.0 = todos.',
  },
  Site: { de: 'Anlage', pt: 'Instalação' },
  'Its name on the page and in MQTT.': {
    de: 'Ihr Name auf der Seite und in MQTT.',
    pt: 'O seu nome na página e em MQTT.',
  },
  'Time zone': { de: 'Zeitzone', pt: 'Fuso horário' },
  'An IANA name such as Europe/Berlin.': {
    de: 'Ein IANA-Name wie Europe/Berlin.',
    pt: 'Um nome IANA como Europe/Lisbon.',
  },
  'Nominal voltage': { de: 'Nennspannung', pt: 'Tensão nominal' },
  'Phase to neutral.': { de: 'Phase gegen Neutralleiter.', pt: 'Fase-neutro.' },
  'Site profile': { de: 'Anlagenprofil', pt: 'Perfil da instalação' },
  'How a site of this kind is run: a file in profiles/.': {
    de: 'Wie eine solche Anlage betrieben wird: eine Datei in profiles/.',
    pt: 'Como se explora uma instalação deste tipo: um ficheiro em profiles/.',
  },
  'Its name, by which others refer to it.': {
    de: 'Sein Name, unter dem andere ihn nennen.',
    pt: 'O seu nome, com que outros o referem.',
  },
  'Circuit above': { de: 'Stromkreis darüber', pt: 'Circuito acima' },
  'The one that feeds it; absent = fed by the grid.': {
    de: 'Der ihn speist; fehlt er, speist ihn das Netz.',
    pt: 'O que o alimenta; se faltar, é alimentado pela rede.',
  },
  'Rated current': { de: 'Nennstrom', pt: 'Corrente nominal' },
  'Of the fuse or breaker, per phase. Never exceeded.': {
    de: 'Der Sicherung oder des Schalters, je Phase. Wird nie überschritten.',
    pt: 'Do fusível ou disjuntor, por fase. Nunca excedida.',
  },
  Margin: { de: 'Abstand', pt: 'Margem' },
  'Kept free below the rating. Absent = 2 % of the rating, at least 1 A.': {
    de: 'Bleibt unter dem Nennstrom frei. Fehlt er, 2 % davon, mindestens 1 A.',
    pt: 'Fica livre abaixo da nominal. Se faltar, 2 % dela, pelo menos 1 A.',
  },
  'The meter that measures this whole circuit.': {
    de: 'Der Zähler, der diesen ganzen Stromkreis misst.',
    pt: 'O contador que mede todo este circuito.',
  },
  'Worst other load': { de: 'Ungünstigste übrige Last', pt: 'Pior outra carga' },
  'Load on this circuit that is no station here and lies on no child circuit, at its worst, per phase. Assumed whenever the meter is missing or in doubt. 0 only if there is none.':
    {
      de: 'Last an diesem Stromkreis, die keine Ladestation hier ist und an keinem Stromkreis darunter hängt, im ungünstigsten Fall, je Phase. Gilt, wann immer der Zähler fehlt oder im Zweifel ist. 0 nur, wenn es keine gibt.',
      pt: 'Carga neste circuito que não é posto daqui nem está num circuito abaixo, no pior caso, por fase. Vale sempre que o contador falta ou está em dúvida. 0 só se não houver nenhuma.',
    },
  Generation: { de: 'Erzeugung', pt: 'Geração' },
  'Something here can feed back (PV, battery, generator): meters may show less than the stations draw.': {
    de: 'Hier kann etwas zurückspeisen (PV, Batterie, Generator): Zähler dürfen weniger zeigen, als die Ladestationen ziehen.',
    pt: 'Aqui algo pode injetar (solar, bateria, gerador): os contadores podem mostrar menos do que os postos consomem.',
  },
  'Fixed current': { de: 'Fester Strom', pt: 'Corrente fixa' },
  'On one phase.': { de: 'Auf einer Phase.', pt: 'Numa fase.' },
  'Modbus TCP': { de: 'Modbus TCP', pt: 'Modbus TCP' },
  'A meter, or a gateway that speaks Modbus TCP.': {
    de: 'Ein Zähler, oder ein Gateway, das Modbus TCP spricht.',
    pt: 'Um contador, ou um gateway que fala Modbus TCP.',
  },
  'RTU over TCP': { de: 'RTU über TCP', pt: 'RTU sobre TCP' },
  'A gateway that passes RTU frames as they are.': {
    de: 'Ein Gateway, das RTU-Telegramme durchreicht, wie sie sind.',
    pt: 'Um gateway que passa as tramas RTU como são.',
  },
  'Serial line': { de: 'Serielle Leitung', pt: 'Linha série' },
  'RS-485, Modbus RTU.': { de: 'RS-485, Modbus RTU.', pt: 'RS-485, Modbus RTU.' },
  'Best one in /dev/serial/by-id/, which stays the same.': {
    de: 'Am besten eine in /dev/serial/by-id/, die gleich bleibt.',
    pt: 'De preferência uma em /dev/serial/by-id/, que não muda.',
  },
  Speed: { de: 'Geschwindigkeit', pt: 'Velocidade' },
  'Of the line.': { de: 'Der Leitung.', pt: 'Da linha.' },
  Parity: { de: 'Parität', pt: 'Paridade' },
  'Data bits': { de: 'Datenbits', pt: 'Bits de dados' },
  'Stop bits': { de: 'Stoppbits', pt: 'Bits de paragem' },
  'Of other meters': { de: 'Aus anderen Zählern', pt: 'De outros contadores' },
  'A sum, a difference or a fixed share; as old and as good as its worst part.': {
    de: 'Eine Summe, eine Differenz oder ein fester Anteil; so alt und so gut wie der schlechteste Teil.',
    pt: 'Uma soma, uma diferença ou uma parte fixa; tão antigo e tão bom como a sua pior parte.',
  },
  'A meter that is read.': { de: 'Ein Zähler, der gelesen wird.', pt: 'Um contador que é lido.' },
  Factor: { de: 'Faktor', pt: 'Fator' },
  '1 adds it, -1 takes it off, 0.33 is a fixed share.': {
    de: '1 zählt ihn dazu, -1 zieht ihn ab, 0.33 ist ein fester Anteil.',
    pt: '1 soma-o, -1 subtrai-o, 0.33 é uma parte fixa.',
  },
  Parts: { de: 'Teile', pt: 'Partes' },
  'Always there and measured by nobody: L1, L2, L3.': {
    de: 'Immer da und von niemandem gemessen: L1, L2, L3.',
    pt: 'Sempre presente e medido por ninguém: L1, L2, L3.',
  },
  'Its name, by which a circuit refers to it.': {
    de: 'Sein Name, unter dem ein Stromkreis ihn nennt.',
    pt: 'O seu nome, com que um circuito o refere.',
  },
  'A file in devices/meters/; "virtual" for a meter made of others.': {
    de: 'Eine Datei in devices/meters/; „virtual“ für einen Zähler aus anderen.',
    pt: 'Um ficheiro em devices/meters/; "virtual" para um contador feito de outros.',
  },
  'Modbus address on its line.': {
    de: 'Modbus-Adresse auf seiner Leitung.',
    pt: 'Endereço Modbus na sua linha.',
  },
  'How often it is read.': { de: 'Wie oft er gelesen wird.', pt: 'De quanto em quanto tempo é lido.' },
  Connection: { de: 'Verbindung', pt: 'Ligação' },
  Inverted: { de: 'Verkehrt herum', pt: 'Invertido' },
  'Mounted the other way round: what it calls import is export.': {
    de: 'Andersherum eingebaut: was er Bezug nennt, ist Einspeisung.',
    pt: 'Montado ao contrário: o que chama importação é exportação.',
  },
  'Phase map': { de: 'Zuordnung der Phasen', pt: 'Mapa de fases' },
  'The site phases its three inputs hang on, in order.': {
    de: 'Die Phasen der Anlage, an denen seine drei Eingänge hängen, der Reihe nach.',
    pt: 'As fases da instalação em que as suas três entradas estão ligadas, por ordem.',
  },
  'Current transformer ratio': { de: 'Stromwandlerverhältnis', pt: 'Relação do transformador de corrente' },
  'Only where the meter does not apply it itself: 250/5 is 50.': {
    de: 'Nur, wo der Zähler es nicht selbst anwendet: 250/5 ist 50.',
    pt: 'Só onde o contador não a aplica: 250/5 é 50.',
  },
  'Voltage transformer ratio': { de: 'Spannungswandlerverhältnis', pt: 'Relação do transformador de tensão' },
  'Only where the meter does not apply it itself.': {
    de: 'Nur, wo der Zähler es nicht selbst anwendet.',
    pt: 'Só onde o contador não a aplica.',
  },
  Connector: { de: 'Ladepunkt', pt: 'Ponto' },
  'Its OCPP connectorId, from 1.': {
    de: 'Seine connectorId nach OCPP, ab 1.',
    pt: 'O seu connectorId OCPP, a partir de 1.',
  },
  Phases: { de: 'Phasen', pt: 'Fases' },
  'Wired to the connector.': { de: 'Mit dem Ladepunkt verdrahtet.', pt: 'Ligadas ao ponto.' },
  'Phase rotation': { de: 'Phasenfolge', pt: 'Rotação de fases' },
  'On which site phases its L1, L2, L3 hang: STR = L2 L3 L1.': {
    de: 'An welchen Phasen der Anlage seine L1, L2, L3 hängen: STR = L2 L3 L1.',
    pt: 'Em que fases da instalação estão as suas L1, L2, L3: STR = L2 L3 L1.',
  },
  Maximum: { de: 'Höchststrom', pt: 'Máximo' },
  'What it can draw, per phase.': {
    de: 'Was er ziehen kann, je Phase.',
    pt: 'O que pode consumir, por fase.',
  },
  'Fail-safe': { de: 'Rückfallstrom', pt: 'Corrente de segurança' },
  'What it may draw when Busbar is not heard: 0, or at least the 6 A of the model. All fail-safes together must fit every fuse.':
    {
      de: 'Was er ziehen darf, wenn Busbar nicht zu hören ist: 0, oder mindestens die 6 A des Modells. Alle Rückfallströme zusammen müssen in jede Sicherung passen.',
      pt: 'O que pode consumir quando o Busbar não se ouve: 0, ou pelo menos os 6 A do modelo. Todas as correntes de segurança juntas têm de caber em cada fusível.',
    },
  Weight: { de: 'Gewicht', pt: 'Peso' },
  'Times an equal share above the minimum, where the profile shares by weight. Absent = 1.': {
    de: 'Mal ein gleicher Anteil über dem Mindesten, wo das Profil nach Gewicht teilt. Fehlt es, 1.',
    pt: 'Vezes uma parte igual acima do mínimo, onde o perfil divide por peso. Se faltar, 1.',
  },
  Priority: { de: 'Vorrang', pt: 'Prioridade' },
  '1 is served before 9 when not everybody can have the minimum. Absent = 5.': {
    de: '1 kommt vor 9 dran, wenn nicht alle das Mindeste haben können. Fehlt er, 5.',
    pt: '1 é servido antes de 9 quando nem todos podem ter o mínimo. Se faltar, 5.',
  },
  Tag: { de: 'Karte', pt: 'Cartão' },
  'By which the vehicle is known.': {
    de: 'An der das Fahrzeug erkannt wird.',
    pt: 'Com que o veículo é conhecido.',
  },
  Departure: { de: 'Abfahrt', pt: 'Partida' },
  'Local time it leaves, each day.': {
    de: 'Ortszeit, zu der es täglich abfährt.',
    pt: 'Hora local a que parte, todos os dias.',
  },
  Energy: { de: 'Energie', pt: 'Energia' },
  'What it wants until then.': { de: 'Was es bis dahin braucht.', pt: 'O que precisa até lá.' },
  Station: { de: 'Ladestation', pt: 'Posto' },
  'The identity it connects with: the last part of its URL.': {
    de: 'Der Name, mit dem sie sich verbindet: der letzte Teil ihrer URL.',
    pt: 'A identidade com que se liga: a última parte do seu URL.',
  },
  Name: { de: 'Name', pt: 'Nome' },
  'What people call it; absent = its identity.': {
    de: 'Wie man sie nennt; fehlt er, ihre Kennung.',
    pt: 'Como lhe chamam; se faltar, a sua identidade.',
  },
  Bay: { de: 'Stellplatz', pt: 'Lugar' },
  'Where it stands, such as "hall 2, bay 14".': {
    de: 'Wo sie steht, etwa „Halle 2, Platz 14“.',
    pt: 'Onde está, como "pavilhão 2, lugar 14".',
  },
  'A file in devices/stations/.': {
    de: 'Eine Datei in devices/stations/.',
    pt: 'Um ficheiro em devices/stations/.',
  },
  'The circuit it hangs on.': {
    de: 'Der Stromkreis, an dem sie hängt.',
    pt: 'O circuito em que está ligado.',
  },
  Connectors: { de: 'Ladepunkte', pt: 'Pontos' },
  'Load control': { de: 'Lastregelung', pt: 'Controlo de carga' },
  'csms = its CSMS or a laboratory drives it: profiles pass unchanged, Busbar writes none and keeps its maximum free.':
    {
      de: 'csms = ihr CSMS oder ein Labor steuert sie: Profile gehen unverändert durch, Busbar schreibt keine und hält ihren Höchststrom frei.',
      pt: 'csms = o seu CSMS ou um laboratório comanda-o: os perfis passam sem alteração, o Busbar não escreve nenhum e guarda livre o seu máximo.',
    },
  Leniency: { de: 'Nachsicht', pt: 'Tolerância' },
  'What this station is known to write wrongly, repaired before anybody reads it.': {
    de: 'Was diese Ladestation bekanntlich falsch schreibt; wird berichtigt, bevor es jemand liest.',
    pt: 'O que se sabe que este posto escreve mal; é corrigido antes de alguém ler.',
  },
  'Own meter models': { de: 'Eigene Zählermodelle', pt: 'Modelos de contador próprios' },
  'Meters no file knows, from their data sheets.': {
    de: 'Zähler, die keine Datei kennt, nach ihren Datenblättern.',
    pt: 'Contadores que nenhum ficheiro conhece, pelas suas folhas técnicas.',
  },
  'Port for stations': { de: 'Port für Ladestationen', pt: 'Porta para postos' },
  'They dial ws://HOST:PORT/ocpp/<id>.': {
    de: 'Sie wählen ws://HOST:PORT/ocpp/<id> an.',
    pt: 'Chamam ws://HOST:PORT/ocpp/<id>.',
  },
  'Of OCPP: 1 = a station shows its password.': {
    de: 'Von OCPP: 1 = eine Ladestation zeigt ihr Passwort.',
    pt: 'Do OCPP: 1 = um posto mostra a sua palavra-passe.',
  },
  'Unknown stations': { de: 'Unbekannte Ladestationen', pt: 'Postos desconhecidos' },
  'learn = let them connect, without energy, for 15 minutes after a start.': {
    de: 'learn = nach einem Start 15 Minuten lang verbinden lassen, ohne Energie.',
    pt: 'learn = deixá-los ligar, sem energia, durante 15 minutos após um arranque.',
  },
  'Station door': { de: 'Zugang der Ladestationen', pt: 'Entrada dos postos' },
  Stations: { de: 'Ladestationen', pt: 'Postos' },
  Vehicles: { de: 'Fahrzeuge', pt: 'Veículos' },
  Offline: { de: 'Offline', pt: 'Sem CSMS' },
  MQTT: { de: 'MQTT', pt: 'MQTT' },
  'Port of the page': { de: 'Port der Seite', pt: 'Porta da página' },
  'And of API and metrics.': { de: 'Und von API und Metriken.', pt: 'E da API e das métricas.' },
  'Host names': { de: 'Rechnernamen', pt: 'Nomes de anfitrião' },
  'DNS names the page, API and metrics are asked for by; IP addresses and localhost are anyway.': {
    de: 'DNS-Namen, unter denen Seite, API und Metriken gefragt werden; IP-Adressen und localhost gelten ohnehin.',
    pt: 'Nomes DNS por que se pedem a página, a API e as métricas; endereços IP e localhost valem sempre.',
  },
  Page: { de: 'Seite', pt: 'Página' },
  Windows: { de: 'Zeitfenster', pt: 'Horários' },
  Sources: { de: 'Quellen', pt: 'Fontes' },
  'Grid controls': { de: 'Steuerungen des Netzbetreibers', pt: 'Comandos do operador da rede' },
  'Mean limits': { de: 'Mittelwertgrenzen', pt: 'Limites de média' },
  'Import limits': { de: 'Bezugsgrenzen', pt: 'Limites de importação' },
  Host: { de: 'Adresse', pt: 'Endereço' },
  Tls: { de: 'TLS', pt: 'TLS' },
  Enabled: { de: 'Eingeschaltet', pt: 'Ligado' },
  days: { de: 'Tage', pt: 'dias' },
  Weekdays: { de: 'Wochentage', pt: 'Dias da semana' },
  'IP address or name.': { de: 'IP-Adresse oder Name.', pt: 'Endereço IP ou nome.' },
  'Of the depot system (BMS or ITCS).': {
    de: 'Des Depotsystems (BMS oder ITCS).',
    pt: 'Do sistema do depósito (BMS ou ITCS).',
  },
  'The name of the entry in secrets.json that holds it.': {
    de: 'Der Name des Eintrags in secrets.json, der es enthält.',
    pt: 'O nome da entrada em secrets.json que a contém.',
  },
  'Depot system (VDV 463)': { de: 'Depotsystem (VDV 463)', pt: 'Sistema do depósito (VDV 463)' },
  'Release after': { de: 'Freigabe nach', pt: 'Libertar após' },
  'It reduces at once, and releases when the contact has been at rest so long.': {
    de: 'Es reduziert sofort und gibt frei, wenn der Kontakt so lange in Ruhe war.',
    pt: 'Reduz de imediato e liberta quando o contacto esteve em repouso tanto tempo.',
  },
  'Power factors': { de: 'Leistungsfaktoren', pt: 'Fatores de potência' },
  'As shares of 1: scale 0.001 where it gives thousandths.': {
    de: 'Als Anteile von 1: Skalierung 0.001, wo er Tausendstel gibt.',
    pt: 'Como partes de 1: escala 0.001 onde dá milésimos.',
  },
  Clock: { de: 'Uhr', pt: 'Relógio' },
  'Its own clock or running time: it must go on.': {
    de: 'Seine eigene Uhr oder Laufzeit: sie muss weitergehen.',
    pt: 'O seu relógio ou tempo de funcionamento: tem de avançar.',
  },
  'PEM: who may have signed the certificate of the meter.': {
    de: 'PEM: wer das Zertifikat des Zählers unterschrieben haben darf.',
    pt: 'PEM: quem pode ter assinado o certificado do contador.',
  },
  'Where that is not its address.': {
    de: 'Wo das nicht seine Adresse ist.',
    pt: 'Onde não é o seu endereço.',
  },
  'Shown to the meter, which mostly wants one.': {
    de: 'Dem Zähler gezeigt, der meist eines verlangt.',
    pt: 'Mostrado ao contador, que em geral pede um.',
  },
  TLS: { de: 'TLS', pt: 'TLS' },
  'Modbus/TCP Security; its port is mostly 802.': {
    de: 'Modbus/TCP Security; der Port ist meist 802.',
    pt: 'Modbus/TCP Security; a porta é em geral 802.',
  },
  'What people and fleet systems call it.': {
    de: 'Wie Menschen und Flottensysteme es nennen.',
    pt: 'Como as pessoas e os sistemas de frota lhe chamam.',
  },
  Battery: { de: 'Batterie', pt: 'Bateria' },
  'Makes Wh of what a depot system says in percent.': {
    de: 'Macht Wh aus dem, was ein Depotsystem in Prozent sagt.',
    pt: 'Converte em Wh o que um sistema do depósito diz em percentagem.',
  },
  Preconditioning: { de: 'Vorkonditionierung', pt: 'Pré-condicionamento' },
  'What heating or cooling it before it leaves takes, where a depot system asks for it and says no power.': {
    de: 'Was Heizen oder Kühlen vor der Abfahrt braucht, wo ein Depotsystem es verlangt und keine Leistung nennt.',
    pt: 'O que aquecer ou arrefecer antes da partida consome, quando um sistema do depósito o pede sem indicar a potência.',
  },
})
