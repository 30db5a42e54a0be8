/**
 * What is wrong with a meter, what an operator must know of a station's configuration, what can be put wrong in the demo, in
 * German and Portuguese, by its code (`core/words`). One without its texts does not compile.
 */
import type { LEVER_WORDS } from '../../../src/core/words/levers.js'
import type { METER_WORDS } from '../../../src/core/words/meters.js'
import type { NOTICE_WORDS } from '../../../src/core/words/notices.js'
import { spoken } from './room.js'

type Code = keyof typeof METER_WORDS | keyof typeof NOTICE_WORDS | keyof typeof LEVER_WORDS

export const VERDICTS = spoken<Code>({
  'transformer-feeds-back': {
    de: 'er zeigt {current} auf {phase}, nach außen fließend, und hier ist keine Erzeugung angegeben: der Stromwandler auf {phase} sitzt verkehrt herum (K und L, P1 und P2), oder seine zwei Drähte sind vertauscht',
    pt: 'mostra {current} em {phase}, a sair, e aqui não há geração declarada: o transformador de corrente em {phase} está ao contrário (K e L, P1 e P2), ou os seus dois fios estão trocados',
  },
  'power-beyond-amps': {
    de: 'seine Leistung von {power} auf {phase} braucht mehr, als seine eigenen Volt und Ampere zulassen ({possible}): Skalierung oder Wortfolge des Stroms ist falsch, Gerätedatei und Wandlerverhältnis prüfen',
    pt: 'a sua potência de {power} em {phase} precisa de mais do que os seus próprios volts e amperes permitem ({possible}): a escala ou a ordem das palavras da corrente está errada, verifique o ficheiro do aparelho e a relação do transformador',
  },
  'register-rate-wrong': {
    de: 'sein Energieregister zählte {counted}, während seine Leistung {made} ergab: eines von beiden ist falsch skaliert, Gerätedatei und Wandlerverhältnis prüfen',
    pt: 'o seu registo de energia contou {counted} enquanto a sua potência deu {made}: um deles tem a escala errada, verifique o ficheiro do aparelho e a relação do transformador',
  },
  'register-stands': {
    de: 'sein Energieregister steht auf {at}, während seine Leistung {made} ergab: sein Messteil steht, oder alte Werte werden wiederholt; den Zähler oder sein Gateway neu starten',
    pt: 'o seu registo de energia está parado em {at} enquanto a sua potência deu {made}: a medição parou ou repetem-se valores antigos, reinicie o contador ou o seu gateway',
  },
  'direction-jumps': {
    de: 'seine Richtung wechselt von einer Ablesung zur nächsten ({from}, dann {to}): zwei Geräte antworten unter einer Adresse, oder Worte aus zwei Augenblicken werden zusammengesetzt',
    pt: 'o seu sentido muda de uma leitura para a outra ({from}, depois {to}): dois aparelhos respondem no mesmo endereço, ou juntam-se palavras de dois momentos',
  },
  'scale-jumps': {
    de: 'alle seine Phasen springen von einer Ablesung zur nächsten auf das {factor}-Fache und zurück ({from}, dann {to}): seine Skalierung wird zu einer anderen Zeit gelesen als seine Werte, oder zwei Geräte antworten unter einer Adresse',
    pt: 'todas as suas fases saltam {factor} vezes de uma leitura para a outra e voltam ({from}, depois {to}): a escala é lida noutro momento que os valores, ou dois aparelhos respondem no mesmo endereço',
  },
  'register-keeps-running-back': {
    de: 'sein Energieregister läuft immer wieder zurück ({from}, dann {to}): zwei Geräte antworten unter einer Adresse',
    pt: 'o seu registo de energia anda sempre para trás ({from}, depois {to}): dois aparelhos respondem no mesmo endereço',
  },
  'register-ran-back': {
    de: 'sein Energieregister lief von {from} auf {to} zurück: alte Werte werden wiederholt, oder ein anderes Gerät antwortet unter dieser Adresse (wurde der Zähler getauscht, endet das von selbst)',
    pt: 'o seu registo de energia recuou de {from} para {to}: repetem-se valores antigos, ou outro aparelho responde neste endereço (se o contador foi trocado, isto acaba por si)',
  },
  'two-devices-in-turn': {
    de: '{phase} wechselt immer wieder zwischen {one} und {other}: zwei Geräte antworten unter einer Adresse, oder sein Gateway wiederholt alte Werte',
    pt: '{phase} alterna repetidamente entre {one} e {other}: dois aparelhos respondem no mesmo endereço, ou o seu gateway repete valores antigos',
  },
  'recording-repeats': {
    de: 'dieselben {count} Ablesungen kommen immer wieder, bis zur letzten Stelle, wie keine Last sie macht: er spielt eine Aufzeichnung ab; den Zähler oder sein Gateway neu starten',
    pt: 'as mesmas {count} leituras repetem-se sempre, até ao último algarismo, como nenhuma carga as faz: reproduz uma gravação, reinicie o contador ou o seu gateway',
  },
  'readings-repeat': {
    de: 'seine Ladestationen änderten sich um {step}, und er durchlief immer wieder dieselben {count} Ablesungen: er wiederholt alte Werte; den Zähler oder sein Gateway neu starten',
    pt: 'os seus postos mudaram {step} e ele percorreu sempre as mesmas {count} leituras: repete valores antigos, reinicie o contador ou o seu gateway',
  },
  'stood-still': {
    de: 'seine Ladestationen änderten sich um {step}, und er blieb bei {current} stehen',
    pt: 'os seus postos mudaram {step} e ele ficou parado em {current}',
  },
  'repeats-one-value': {
    de: '{facts}: er wiederholt einen Wert; den Zähler oder sein Gateway neu starten',
    pt: '{facts}: repete um valor, reinicie o contador ou o seu gateway',
  },
  'moved-in-part': {
    de: 'seine Ladestationen änderten sich um {step}, er zeigte nur einen Teil davon und wiederholt seither {current}. Das endet, wenn er sich bewegt',
    pt: 'os seus postos mudaram {step}, ele mostrou só uma parte e desde então repete {current}. Acaba quando se mexer',
  },
  'shows-less': {
    de: 'seine Ladestationen allein ziehen {drawn}, und er zeigt {shown}',
    pt: 'só os seus postos consomem {drawn} e ele mostra {shown}',
  },
  'fell-at-once': {
    de: 'alle seine Phasen fielen auf einmal von {from} auf {to}, unter das, was seine Ladestationen zogen: ein geändertes Verhältnis, oder mehrere Ladestationen ohne Spannung. Das endet mit der ersten Änderung seiner Ladestationen, der er folgt',
    pt: 'todas as suas fases caíram de uma vez de {from} para {to}, abaixo do que os seus postos consumiam: uma relação mudada, ou vários postos sem alimentação. Acaba com a primeira mudança dos seus postos que ele acompanhar',
  },
  'does-not-follow': { de: 'er folgt seinen Ladestationen nicht', pt: 'não acompanha os seus postos' },
  'moved-otherwise': {
    de: 'seine Ladestationen änderten sich um {step}, und er bewegte sich um {moved}',
    pt: 'os seus postos mudaram {step} e ele mexeu {moved}',
  },
  'wrong-factor': {
    de: '{facts}, {how} das {times}-Fache dessen, was fließt: falsches Wandlerverhältnis im Zähler, oder falsche Skalierung in der Gerätedatei',
    pt: '{facts}, {how} {times} vezes o que passa: relação do transformador errada no contador, ou escala errada no ficheiro do aparelho',
  },
  'at-most': { de: 'höchstens', pt: 'no máximo' },
  about: { de: 'etwa', pt: 'cerca de' },
  'transformer-turned': {
    de: '{facts}: der Stromwandler auf {phases} sitzt verkehrt herum (K und L, P1 und P2), oder seine zwei Drähte sind vertauscht',
    pt: '{facts}: o transformador de corrente em {phases} está ao contrário (K e L, P1 e P2), ou os seus dois fios estão trocados',
  },
  both: { de: '{one} und {other}', pt: '{one} e {other}' },
  'phases-exchanged': {
    de: '{facts}: was auf {from} geschieht, ist auf {to} zu sehen; Stromwandler oder Phasen einer Ladestation sind vertauscht',
    pt: '{facts}: o que acontece em {from} vê-se em {to}, há transformadores de corrente ou fases de um posto trocados',
  },
  'transformers-dead': {
    de: '{facts}: Stromwandler offen oder kurzgeschlossen, oder nicht an diesem Zähler angeschlossen',
    pt: '{facts}: transformadores abertos ou em curto-circuito, ou não ligados a este contador',
  },
  'other-values': {
    de: '{facts}, obwohl er ihnen früher folgte: alte Werte werden wiederholt, oder ein anderes Gerät antwortet an seiner Stelle',
    pt: '{facts}, embora antes os acompanhasse: repetem-se valores antigos, ou outro aparelho responde em seu lugar',
  },
  'wrong-circuit': {
    de: '{facts}: er misst einen anderen Stromkreis, oder die Ladestationen hängen anderswo als eingerichtet',
    pt: '{facts}: mede outro circuito, ou os postos estão ligados noutro lado que o configurado',
  },
  'needs-reboot': {
    de: '{station} muss neu starten, bevor {keys} gilt.',
    pt: '{station} tem de reiniciar antes de {keys} valer.',
  },
  'connectors-beyond': {
    de: '{station} hat {count} {count:Ladepunkt|Ladepunkte}, eingerichtet: {configured}: die anderen sind nicht regelbar und zählen mit dem Schlimmsten, sobald an ihnen etwas geschieht.',
    pt: '{station} tem {count} {count:ponto|pontos}, configurados: {configured}: os outros não se podem controlar e contam pelo pior assim que algo lá acontecer.',
  },
  'set-from-outside': {
    de: '{station}: von außen gesetzt, ändert, was die Ladestation ziehen darf: {sets}.',
    pt: '{station}: definido de fora, muda o que o posto pode consumir: {sets}.',
  },
  'ping-too-rare': {
    de: '{station}: WebSocketPingInterval wurde von außen auf {interval} s gesetzt; die Ladestation merkt eine tote Leitung spät.',
    pt: '{station}: WebSocketPingInterval foi definido de fora em {interval} s; o posto nota tarde uma linha morta.',
  },
  'no-such-key': { de: 'sie hat keinen solchen Schlüssel', pt: 'não tem essa chave' },
  'key-read-only': { de: 'der Schlüssel ist nur lesbar', pt: 'a chave é só de leitura' },
  'key-not-set-yet': { de: 'noch nicht gesetzt', pt: 'ainda não foi definida' },
  'key-refuses': { de: 'sie lehnt einen anderen Wert ab', pt: 'recusa outro valor' },
  'current-not-reported': {
    de: '{station} meldet ihren Strom nicht ({key}: {why}).',
    pt: '{station} não comunica a sua corrente ({key}: {why}).',
  },
  'samples-rarely': {
    de: '{station} misst {how} ({key}: {why}); dazwischen ist sie mit ihrer Vorgabe gebucht.',
    pt: '{station} mede {how} ({key}: {why}); entretanto conta pela sua oferta.',
  },
  never: { de: 'nie', pt: 'nunca' },
  every: { de: 'alle {interval} s', pt: 'a cada {interval} s' },
  'lever-csms': { de: 'CSMS', pt: 'CSMS' },
  'lever-meter': { de: 'Zähler', pt: 'Contador' },
  'lever-broker': { de: 'MQTT-Broker', pt: 'Broker MQTT' },
  'lever-feeder-meter': { de: 'Zähler des Abgangs', pt: 'Contador do ramal' },
  'lever-tenth': { de: '{meter} × 0,1', pt: '{meter} × 0,1' },
  'lever-ten': { de: '{meter} × 10', pt: '{meter} × 10' },
  'lever-reversed': { de: '{meter}: L2 verkehrt', pt: '{meter}: L2 ao contrário' },
  'lever-inverted': { de: '{meter}: Richtung verkehrt', pt: '{meter}: sentido invertido' },
  'lever-swapped': { de: '{meter}: Phasen vertauscht', pt: '{meter}: fases trocadas' },
  'lever-frozen': { de: '{meter}: steht still', pt: '{meter}: parado' },
  'lever-replayed': { de: '{meter}: alte Werte', pt: '{meter}: valores antigos' },
  'half-power': {
    de: 'er zeigt {current} auf {phase}, nach außen fließend, mit nur der halben Leistung, die seine Volt und Ampere ergeben: Stromwandler und Spannungseingang auf {phase} gehören zu verschiedenen Phasen, auf dieselbe legen',
    pt: 'mostra {current} em {phase}, a sair, com só metade da potência que os seus volts e amperes dão: o transformador de corrente e a entrada de tensão em {phase} são de fases diferentes, ponha-os na mesma',
  },
  'all-feed-back': {
    de: 'er zeigt {current} auf {phase}, und auch die anderen Phasen fließen nach außen, und hier ist keine Erzeugung angegeben: er ist andersherum eingebaut, „invert“ setzen oder alle Wandler drehen',
    pt: 'mostra {current} em {phase} e as outras fases também a sair, e aqui não há geração declarada: está montado ao contrário, ponha "invert" ou vire todos os transformadores',
  },
  'power-factor-wrong': {
    de: 'seine Leistung von {power} auf {phase} ist nicht, was seine eigenen Volt, Ampere und sein Leistungsfaktor von {factor} ergeben ({expected}): Strom oder Leistung ist falsch skaliert oder steht still, Gerätedatei und Wandlerverhältnis prüfen',
    pt: 'a sua potência de {power} em {phase} não é o que os seus volts, amperes e fator de potência de {factor} dão ({expected}): a corrente ou a potência tem a escala errada ou está parada, verifique o ficheiro do aparelho e a relação do transformador',
  },
  'clock-stands': {
    de: 'seine eigene Uhr steht seit {for} s bei {at} s, und seine Werte auch: er wiederholt alte Werte; den Zähler oder sein Gateway neu starten',
    pt: 'o seu relógio está parado em {at} s há {for} s, e os valores também: repete valores antigos, reinicie o contador ou o seu gateway',
  },
  'clock-runs-back': {
    de: 'seine eigene Uhr läuft immer wieder zurück ({from} s, dann {to} s): alte Werte werden wiederholt, oder zwei Geräte antworten unter einer Adresse',
    pt: 'o seu relógio anda sempre para trás ({from} s, depois {to} s): repetem-se valores antigos, ou dois aparelhos respondem no mesmo endereço',
  },
})
