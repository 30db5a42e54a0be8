/** What is wrong with a configuration (`core/words/faults`), in German and Portuguese, by its code. One without its texts does not compile. */
import type { FAULT_WORDS } from '../../../src/core/words/faults.js'
import { spoken } from './room.js'

export const FAULT_TEXTS = spoken<keyof typeof FAULT_WORDS>({
  nothing: { de: 'nichts', pt: 'nada' },
  'entries-of-list': { de: '{count} {count:Eintrag|Einträge}', pt: '{count} {count:entrada|entradas}' },
  'amount-days': { de: '{count} {count:Tag|Tage}', pt: '{count} {count:dia|dias}' },
  'another-one': { de: 'ein anderes', pt: 'outro' },
  'with-path': { de: '{path}: {found}', pt: '{path}: {found}' },

  'expected-number': { de: 'eine Zahl', pt: 'um número' },
  'expected-whole-number': { de: 'eine ganze Zahl', pt: 'um número inteiro' },
  'expected-text': { de: 'ein Text', pt: 'um texto' },
  'expected-yes-no': { de: 'ja (true) oder nein (false)', pt: 'sim (true) ou não (false)' },
  'expected-list': { de: 'eine Liste', pt: 'uma lista' },
  'expected-object': { de: 'ein Objekt', pt: 'um objeto' },
  'expected-at-least': { de: 'mindestens {least}', pt: 'pelo menos {least}' },
  'expected-at-most': { de: 'höchstens {most}', pt: 'no máximo {most}' },
  'expected-more-than': { de: 'mehr als {least}', pt: 'mais de {least}' },
  'expected-less-than': { de: 'weniger als {most}', pt: 'menos de {most}' },
  'expected-characters-at-least': {
    de: 'mindestens {least} Zeichen',
    pt: 'pelo menos {least} {least:carácter|caracteres}',
  },
  'expected-characters-at-most': {
    de: 'höchstens {most} Zeichen',
    pt: 'no máximo {most} {most:carácter|caracteres}',
  },
  'expected-entries-at-least': {
    de: 'mindestens {least} {least:Eintrag|Einträge}',
    pt: 'pelo menos {least} {least:entrada|entradas}',
  },
  'expected-entries-at-most': {
    de: 'höchstens {most} {most:Eintrag|Einträge}',
    pt: 'no máximo {most} {most:entrada|entradas}',
  },
  'expected-one-of': { de: 'eines von {values}', pt: 'um de {values}' },
  'expected-this-value': { de: '{value}', pt: '{value}' },
  'expected-date-time': {
    de: 'ein Zeitpunkt mit Zeitzone, wie „2026-11-27T06:30:00Z“',
    pt: 'um momento com o seu fuso, como "2026-11-27T06:30:00Z"',
  },
  'expected-other-form': { de: 'ein Text in anderer Form', pt: 'um texto com outra forma' },
  'expected-fitting': { de: 'etwas, das hierher passt', pt: 'algo que sirva aqui' },
  'found-known-key': { de: 'unbekannter Schlüssel {key}', pt: 'chave desconhecida {key}' },
  'expected-known-key': { de: 'einer von {keys}', pt: 'uma de {keys}' },
  'found-documented-key': { de: 'unbekannter Schlüssel {key}', pt: 'chave desconhecida {key}' },
  'expected-documented-key': { de: 'kein solcher Schlüssel', pt: 'nenhuma chave assim' },

  'expected-json': { de: 'ein JSON-Dokument', pt: 'um documento JSON' },
  'found-levels': { de: 'mehr als {most} Ebenen ineinander', pt: 'mais de {most} níveis encaixados' },
  'expected-levels': { de: 'höchstens {most} Ebenen', pt: 'no máximo {most} níveis' },
  'found-values': { de: 'mehr als {most} Werte', pt: 'mais de {most} valores' },
  'expected-values': { de: 'höchstens {most} Werte', pt: 'no máximo {most} valores' },
  'found-key-once': {
    de: 'der Schlüssel ein zweites Mal, zuerst in Zeile {line}, Spalte {column}',
    pt: 'a chave pela segunda vez, primeiro na linha {line}, coluna {column}',
  },
  'expected-key-once': { de: 'jeder Schlüssel einmal', pt: 'cada chave uma vez' },

  'expected-id': {
    de: 'ein Name aus 1-48 Buchstaben, Ziffern, „.“, „_“ oder „-“',
    pt: 'um nome de 1-48 letras, algarismos, ".", "_" ou "-"',
  },
  'expected-station-id': {
    de: 'ein Name einer Ladestation aus 1-48 Zeichen: A-Z a-z 0-9 * + = : | @ . _ -',
    pt: 'uma identidade de posto de 1-48 caracteres: A-Z a-z 0-9 * + = : | @ . _ -',
  },
  'expected-host-name': {
    de: 'ein DNS-Name in Kleinbuchstaben ohne Schema, Port und Pfad, wie „busbar.depot.example“',
    pt: 'um nome DNS em minúsculas sem esquema, porta nem caminho, como "busbar.depot.example"',
  },
  'expected-dns-name': { de: 'ein DNS-Name', pt: 'um nome DNS' },
  'expected-ipv4-address': {
    de: 'eine IPv4-Adresse dieses Rechners, wie „10.0.0.5“',
    pt: 'um endereço IPv4 desta máquina, como "10.0.0.5"',
  },
  'expected-name-or-address': {
    de: 'ein DNS-Name oder eine IP-Adresse ohne Port',
    pt: 'um nome DNS ou endereço IP sem porta',
  },
  'expected-user-name': { de: 'ein Name ohne Doppelpunkt', pt: 'um nome sem dois pontos' },
  'expected-model-name': {
    de: 'ein Name aus 1-48 Kleinbuchstaben, Ziffern, „.“ oder „-“',
    pt: 'um nome de 1-48 letras minúsculas, algarismos, "." ou "-"',
  },
  'expected-time-zone': {
    de: 'eine IANA-Zeitzone wie „Europe/Berlin“',
    pt: 'um fuso horário IANA como "Europe/Lisbon"',
  },
  'expected-time-of-day': { de: 'eine Uhrzeit wie „06:30“', pt: 'uma hora do dia como "06:30"' },
  'expected-absolute-path': {
    de: 'ein absoluter Pfad, wie „/etc/busbar/server.pem“',
    pt: 'um caminho absoluto, como "/etc/busbar/server.pem"',
  },
  'expected-sha256': {
    de: 'ein SHA-256 in base64, 44 Zeichen',
    pt: 'um SHA-256 em base64, 44 caracteres',
  },
  'expected-web-socket-url': {
    de: 'eine URL mit ws:// oder wss://, ohne Abfrage und Zugangsdaten',
    pt: 'um URL ws:// ou wss:// sem consulta nem credenciais',
  },
  'expected-mqtt-url': {
    de: 'eine URL mit mqtt:// oder mqtts://, ohne Zugangsdaten',
    pt: 'um URL mqtt:// ou mqtts:// sem credenciais',
  },
  'expected-discovery-prefix': {
    de: 'ein Präfix aus Buchstaben, Ziffern, „_“, „-“ und „/“',
    pt: 'um prefixo de letras, algarismos, "_", "-" e "/"',
  },
  'expected-topic-prefix': {
    de: 'ein Präfix ohne +, # und Leerzeichen',
    pt: 'um prefixo sem +, # nem espaços',
  },
  'expected-stations-at-most': {
    de: 'höchstens {most} Ladestationen, dafür ist ein Busbar gemacht; eine größere Anlage braucht je Teil einen',
    pt: 'no máximo {most} postos, que é para o que um Busbar serve; uma instalação maior precisa de um por parte',
  },

  'expected-known': { de: 'eines von {known}', pt: 'um de {known}' },
  'expected-known-and-more': { de: 'eines von {known}, …', pt: 'um de {known}, …' },
  'expected-none-known': { de: 'hier ist noch keines bekannt', pt: 'aqui ainda não há nenhum' },
  'found-own-id': { de: '{id}, schon bei {place}', pt: '{id}, já em {place}' },
  'expected-own-id': { de: 'ein eigener Name', pt: 'um nome próprio' },
  'found-no-loop': {
    de: '{above}, das zu „{circuit}“ zurückführt',
    pt: '{above}, que leva de volta a "{circuit}"',
  },
  'expected-no-loop': { de: 'ein Baum ohne Schleifen', pt: 'uma árvore sem ciclos' },
  'found-tree-levels': {
    de: '{above}, mehr als {most} Ebenen unter dem Netz',
    pt: '{above}, mais de {most} níveis abaixo da rede',
  },
  'expected-tree-levels': {
    de: 'ein Baum mit höchstens {levels} Ebenen',
    pt: 'uma árvore de no máximo {levels} níveis',
  },
  'found-margin-below-rating': { de: '{marginA} A', pt: '{marginA} A' },
  'expected-margin-below-rating': {
    de: 'weniger als der Nennstrom, {ratedA} A',
    pt: 'menos que a corrente nominal, {ratedA} A',
  },
  'found-virtual-both': { de: '{device} an {kind}', pt: '{device} em {kind}' },
  'expected-virtual-both': {
    de: '„virtual“ für einen Zähler, der aus anderen gerechnet wird, und für keinen sonst',
    pt: '"virtual" para um contador calculado de outros, e para mais nenhum',
  },
  'expected-said-at-parts': {
    de: 'nichts: das wird bei seinen Teilen eingestellt',
    pt: 'nada: isso define-se nas suas partes',
  },
  'expected-other-read-meter': {
    de: 'jedes Mal ein anderer Zähler, der ausgelesen wird',
    pt: 'de cada vez outro contador que seja lido',
  },
  'found-as-slow-as-part': { de: '{pollMs} ms', pt: '{pollMs} ms' },
  'expected-as-slow-as-part': {
    de: 'mindestens {least} ms, wie sein Teil {part} abgefragt wird',
    pt: 'pelo menos {least} ms, como a sua parte {part} é lida',
  },
  'expected-not-zero': { de: 'nicht 0', pt: 'não 0' },
  'found-three-phases': {
    de: '{device}, das nur {count:eine Phase|zwei Phasen} misst',
    pt: '{device}, que só mede {count:uma fase|duas fases}',
  },
  'expected-three-phases': {
    de: 'ein Modell, das L1, L2 und L3 misst: eine Phase, die niemand misst, ist unbekannt, nicht stromlos',
    pt: 'um modelo que meça L1, L2 e L3: uma fase que ninguém mede é desconhecida, não sem corrente',
  },
  'found-own-meter': {
    de: '{meter}, schon der Zähler von „{circuit}“',
    pt: '{meter}, já é o contador de "{circuit}"',
  },
  'expected-own-meter': { de: 'ein eigener Zähler', pt: 'um contador próprio' },
  'found-least-fail-safe': { de: '{failSafeA} A', pt: '{failSafeA} A' },
  'expected-least-fail-safe': {
    de: '0, oder mindestens die {leastA} A, die einem Auto vorgegeben werden können',
    pt: '0, ou pelo menos os {leastA} A que se podem oferecer a um carro',
  },
  'found-most-ac': { de: '{maxA} A', pt: '{maxA} A' },
  'expected-most-ac': {
    de: 'höchstens {mostA} A: {model} gibt keinen Gleichstrom',
    pt: 'no máximo {mostA} A: {model} não dá corrente contínua',
  },
  'expected-dc-in-watts': {
    de: 'nur W: Gleichstrom wird in Watt vorgegeben',
    pt: 'só W: a corrente contínua é dada em watts',
  },
  'found-dc-phases': { de: '{phases}', pt: '{phases}' },
  'expected-dc-phases': {
    de: 'L1L2L3: {model} gibt Gleichstrom aus drei Phasen',
    pt: 'L1L2L3: {model} dá corrente contínua de três fases',
  },
  'found-holds-no-zero': { de: '0 A', pt: '0 A' },
  'expected-holds-no-zero': {
    de: 'mindestens {leastA} A: {model} hält 0 A nicht ein',
    pt: 'pelo menos {leastA} A: {model} não mantém 0 A',
  },
  'found-fail-safe-at-most': { de: '{failSafeA} A', pt: '{failSafeA} A' },
  'expected-fail-safe-at-most': {
    de: 'höchstens der Höchststrom, {maxA} A',
    pt: 'no máximo a corrente máxima, {maxA} A',
  },
  'expected-no-rotation': {
    de: 'keine Phasenfolge an einem einphasigen Ladepunkt',
    pt: 'nenhuma rotação de fases num ponto monofásico',
  },
  'expected-tag-of-always-allow': {
    de: 'eine Kartennummer, denn AlwaysAllowOfflineTransactions ist an',
    pt: 'um número de cartão, porque AlwaysAllowOfflineTransactions está ligado',
  },
  'found-own-address': { de: '{url}, wie bei {place}', pt: '{url}, como em {place}' },
  'expected-own-address': { de: 'eine eigene Adresse', pt: 'um endereço próprio' },
  'expected-own-model-name': {
    de: 'ein Name, den kein anderes Modell hat',
    pt: 'um nome que nenhum outro modelo tenha',
  },
  'expected-within-registers': {
    de: 'alle Register innerhalb 0..65535',
    pt: 'todos os registos dentro de 0..65535',
  },
  'found-own-registers': { de: '{at} als {type}', pt: '{at} como {type}' },
  'expected-own-registers': {
    de: 'eigene Register; {register} gehört zu {other}',
    pt: 'registos próprios; {register} pertence a {other}',
  },

  'expected-input-of-door': {
    de: 'ein Digitaleingang, da der Zugang „input“ ist',
    pt: 'uma entrada digital, pois a via é "input"',
  },
  'found-no-input': { de: 'ein Digitaleingang', pt: 'uma entrada digital' },
  'expected-no-input': { de: 'nichts, da der Zugang „{door}“ ist', pt: 'nada, pois a via é "{door}"' },
  'expected-limit-or-class': {
    de: 'limitA, priorityClass oder beides',
    pt: 'limitA, priorityClass ou ambos',
  },
  'expected-other-time': { de: 'eine andere Uhrzeit als „Von“', pt: 'outra hora que não a de "De"' },
  'expected-which-circuit': {
    de: 'ein Stromkreis, da die Anlage {count} Netzanschlüsse hat',
    pt: 'um circuito, pois a instalação tem {count} ligações à rede',
  },
  'expected-metered-circuit': { de: 'ein Stromkreis mit Zähler', pt: 'um circuito com contador' },
  'found-own-id-by-door': { de: '{id} über {door}, schon bei {place}', pt: '{id} por {door}, já em {place}' },
  'expected-own-id-by-door': { de: 'ein eigener Name', pt: 'um nome próprio' },

  'expected-own-unit-of-server': {
    de: '1 bis 247, da andere Geräte durchgereicht werden',
    pt: '1 a 247, pois outras unidades passam por aqui',
  },
  'found-own-unit': { de: '{unitId}, schon vergeben', pt: '{unitId}, já em uso' },
  'expected-own-unit': { de: 'eine eigene Geräteadresse', pt: 'um endereço de unidade próprio' },
  'expected-modbus-source': {
    de: 'ein Eintrag von limits.sources mit dem Zugang „modbus“',
    pt: 'uma entrada de limits.sources com a via "modbus"',
  },

  'expected-own-broker': { de: '{url}, der eigene Broker', pt: '{url}, o broker interno' },
  'expected-broker-version': {
    de: '4: mehr spricht der eigene Broker nicht',
    pt: '4: o broker interno não fala outra',
  },
  'found-broker-login': {
    de: 'weder mqtt.username noch mqtt.passwordSecret',
    pt: 'nem mqtt.username nem mqtt.passwordSecret',
  },
  'expected-broker-login': {
    de: 'beides: wer diesen Port von außen erreicht, muss sich damit ausweisen',
    pt: 'ambos: quem chega a esta porta de fora tem de os apresentar',
  },
  'expected-tls-of-line': {
    de: 'dasselbe wie {place}, das am selben Port hängt',
    pt: 'o mesmo que {place}, que está na mesma porta',
  },
  'no-csms': { de: 'kein CSMS', pt: 'nenhum CSMS' },
  'csms-url': { de: 'csms.url {url}', pt: 'csms.url {url}' },
  'expected-secure-csms': {
    de: 'eine URL des CSMS mit wss://, da eine Ladestation auf ein höheres Sicherheitsprofil gehoben wird',
    pt: 'um URL wss:// do CSMS, pois há um posto elevado a um perfil de segurança superior',
  },
  'expected-in-listeners': {
    de: 'kein {key} neben ocpp.listeners: dort hat jeder Port seines',
    pt: 'nenhum {key} ao lado de ocpp.listeners: ali cada porta tem o seu',
  },
  'found-own-port': { de: '{port}, schon bei {place}', pt: '{port}, já em {place}' },
  'expected-own-port': { de: 'ein eigener Port', pt: 'uma porta própria' },
  'expected-roots-file': {
    de: 'eine Datei mit Wurzelzertifikaten, da {link}.tls.roots {roots} ist',
    pt: 'um ficheiro de certificados raiz, pois {link}.tls.roots é {roots}',
  },
  'expected-roots-of-file': {
    de: '„file“ oder „both“, da {link}.tls.rootsFile gesetzt ist',
    pt: '"file" ou "both", pois {link}.tls.rootsFile está definido',
  },
  'expected-url-with-tls': {
    de: 'eine URL mit {scheme}://, da {link}.tls gesetzt ist',
    pt: 'um URL {scheme}://, pois {link}.tls está definido',
  },

  'found-promise': {
    de: 'Rückfallströme {failSafeA} A + ungünstigste übrige Last {worstA} A = {sumA} A an „{circuit}“',
    pt: 'correntes de segurança {failSafeA} A + pior outra carga {worstA} A = {sumA} A em "{circuit}"',
  },
  'expected-promise': {
    de: 'höchstens {limitA} A (Nennstrom weniger Abstand)',
    pt: 'no máximo {limitA} A (corrente nominal menos a margem)',
  },
  'found-released-promise': {
    de: '{released}, freigegeben, mit dem Höchststrom und die Rückfallströme der übrigen {heldA} A + ungünstigste übrige Last {worstA} A = {sumA} A an „{circuit}“',
    pt: '{released}, libertado, no máximo e as correntes de segurança dos outros {heldA} A + pior outra carga {worstA} A = {sumA} A em "{circuit}"',
  },
  'expected-released-promise': {
    de: 'höchstens {limitA} A (Nennstrom weniger Abstand), oder die Ladestation vorher zurücknehmen',
    pt: 'no máximo {limitA} A (corrente nominal menos a margem), ou o posto retomado antes',
  },
  'found-retired-promise': {
    de: '{released}, von niemandem geregelt, und die Rückfallströme der übrigen {heldA} A + ungünstigste übrige Last {worstA} A = {sumA} A an „{circuit}“',
    pt: '{released}, que ninguém controla, e as correntes de segurança dos outros {heldA} A + pior outra carga {worstA} A = {sumA} A em "{circuit}"',
  },
  'expected-retired-promise': {
    de: 'höchstens {limitA} A (Nennstrom weniger Abstand), oder was nicht mehr konfiguriert ist vorher als freigeschaltet erklärt',
    pt: 'no máximo {limitA} A (corrente nominal menos a margem), ou o que já não está configurado declarado isolado antes',
  },
  'found-secret': {
    de: '{name}, das in secrets.json nicht steht',
    pt: '{name}, que não está em secrets.json',
  },
  'expected-secret': {
    de: 'ein Eintrag dieses Namens unter „named“ in secrets.json',
    pt: 'uma entrada com esse nome em "named" em secrets.json',
  },
  'found-serial-line': {
    de: '{path}, keine serielle Leitung dieses Rechners',
    pt: '{path}, que não é uma linha série desta máquina',
  },
  'expected-serial-line': {
    de: 'der Pfad einer seriellen Leitung, etwa in /dev/serial/by-id',
    pt: 'o caminho de uma linha série, como em /dev/serial/by-id',
  },
  'found-station-password': {
    de: '{station}, für die in secrets.json kein Passwort steht',
    pt: '{station}, para o qual secrets.json não tem palavra-passe',
  },
  'expected-station-password': {
    de: 'ein Passwort unter „stations“ in secrets.json, da ocpp.securityProfile 1 ist',
    pt: 'uma palavra-passe em "stations" em secrets.json, pois ocpp.securityProfile é 1',
  },
  'expected-startable': {
    de: 'eine Konfiguration, die auf diesem Rechner starten kann',
    pt: 'uma configuração que possa arrancar nesta máquina',
  },
  'found-saved-content': {
    de: 'ein anderer Inhalt als der gesicherte',
    pt: 'outro conteúdo que não o guardado',
  },
  'expected-saved-content': {
    de: 'eine Datei, wie Busbar sie geschrieben hat',
    pt: 'um ficheiro como o Busbar o gravou',
  },
  'found-some-admin': { de: 'kein Administrator', pt: 'nenhum administrador' },
  'expected-some-admin': {
    de: 'mindestens ein Administrator, denn jemand muss sich anmelden können',
    pt: 'pelo menos um administrador, pois alguém tem de poder entrar',
  },

  'expected-one-limit': { de: 'entweder limitA oder limitW', pt: 'limitA ou limitW, só um deles' },
  'expected-circuit-target': {
    de: 'nur mit der Anlage oder einem Stromkreis als Ziel',
    pt: 'só com a instalação ou um circuito como destino',
  },
  'expected-while-reduced': { de: 'nur mit "reduced": true', pt: 'só com "reduced": true' },
  'expected-one-target': {
    de: 'eines von station, bay und vehicle',
    pt: 'um de station, bay e vehicle',
  },
  'expected-with-station': { de: 'nur mit einer Ladestation', pt: 'só com um posto' },
})
