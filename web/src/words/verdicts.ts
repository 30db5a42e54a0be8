/**
 * What the core says in English with its values already in it: what is wrong with a meter, what an operator must know of a
 * station's configuration,
 * what can be put wrong in the demo. Found by `heard.ts`; a test sees to it that each is here.
 */
import { spoken } from './room.js'

export const VERDICTS = spoken<string>({
  'it shows {0} on {1}, flowing out, and no generation is declared here: the current transformer on {2} is turned round (K and L, P1 and P2), or its two wires are':
    {
      de: 'er zeigt {0} auf {1}, nach außen fließend, und hier ist keine Erzeugung angegeben: der Stromwandler auf {2} sitzt verkehrt herum (K und L, P1 und P2), oder seine zwei Drähte sind vertauscht',
      pt: 'mostra {0} em {1}, a sair, e aqui não há geração declarada: o transformador de corrente em {2} está ao contrário (K e L, P1 e P2), ou os seus dois fios estão trocados',
    },
  'its power of {0} on {1} needs more than its own volts and amps allow ({2}): scale or word order of the current is wrong, check device file and transformer ratio':
    {
      de: 'seine Leistung von {0} auf {1} braucht mehr, als seine eigenen Volt und Ampere zulassen ({2}): Skalierung oder Wortfolge des Stroms ist falsch, Gerätedatei und Wandlerverhältnis prüfen',
      pt: 'a sua potência de {0} em {1} precisa de mais do que os seus próprios volts e amperes permitem ({2}): a escala ou a ordem das palavras da corrente está errada, verifique o ficheiro do aparelho e a relação do transformador',
    },
  'its energy register counted {0} while its power made {1}: one of them has a wrong scale, check device file and transformer ratio':
    {
      de: 'sein Energieregister zählte {0}, während seine Leistung {1} ergab: eines von beiden ist falsch skaliert, Gerätedatei und Wandlerverhältnis prüfen',
      pt: 'o seu registo de energia contou {0} enquanto a sua potência deu {1}: um deles tem a escala errada, verifique o ficheiro do aparelho e a relação do transformador',
    },
  'its energy register stands at {0} while its power made {1}: its measuring part has stopped or old values are repeated, restart the meter or its gateway':
    {
      de: 'sein Energieregister steht auf {0}, während seine Leistung {1} ergab: sein Messteil steht, oder alte Werte werden wiederholt; den Zähler oder sein Gateway neu starten',
      pt: 'o seu registo de energia está parado em {0} enquanto a sua potência deu {1}: a medição parou ou repetem-se valores antigos, reinicie o contador ou o seu gateway',
    },
  'its direction changes from one reading to the next ({0}, then {1}): two devices answer under one address, or words of two moments are put together':
    {
      de: 'seine Richtung wechselt von einer Ablesung zur nächsten ({0}, dann {1}): zwei Geräte antworten unter einer Adresse, oder Worte aus zwei Augenblicken werden zusammengesetzt',
      pt: 'o seu sentido muda de uma leitura para a outra ({0}, depois {1}): dois aparelhos respondem no mesmo endereço, ou juntam-se palavras de dois momentos',
    },
  'all its phases jump {0}-fold from one reading to the next and back ({1}, then {2}): its scale is read at another moment than its values, or two devices answer under one address':
    {
      de: 'alle seine Phasen springen von einer Ablesung zur nächsten auf das {0}-Fache und zurück ({1}, dann {2}): seine Skalierung wird zu einer anderen Zeit gelesen als seine Werte, oder zwei Geräte antworten unter einer Adresse',
      pt: 'todas as suas fases saltam {0} vezes de uma leitura para a outra e voltam ({1}, depois {2}): a escala é lida noutro momento que os valores, ou dois aparelhos respondem no mesmo endereço',
    },
  'its energy register keeps running back ({0}, then {1}): two devices answer under one address': {
    de: 'sein Energieregister läuft immer wieder zurück ({0}, dann {1}): zwei Geräte antworten unter einer Adresse',
    pt: 'o seu registo de energia anda sempre para trás ({0}, depois {1}): dois aparelhos respondem no mesmo endereço',
  },
  'its energy register ran back from {0} to {1}: old values are repeated, or another device answers under this address (if the meter was changed, this ends by itself)':
    {
      de: 'sein Energieregister lief von {0} auf {1} zurück: alte Werte werden wiederholt, oder ein anderes Gerät antwortet unter dieser Adresse (wurde der Zähler getauscht, endet das von selbst)',
      pt: 'o seu registo de energia recuou de {0} para {1}: repetem-se valores antigos, ou outro aparelho responde neste endereço (se o contador foi trocado, isto acaba por si)',
    },
  '{0} changes between {1} and {2} at each reading: two devices answer under one address': {
    de: '{0} wechselt bei jeder Ablesung zwischen {1} und {2}: zwei Geräte antworten unter einer Adresse',
    pt: '{0} alterna entre {1} e {2} em cada leitura: dois aparelhos respondem no mesmo endereço',
  },
  'its stations changed by {0} and it went through the same {1} readings over and over: it repeats old values, restart the meter or its gateway':
    {
      de: 'seine Ladestationen änderten sich um {0}, und er durchlief immer wieder dieselben {1} Ablesungen: er wiederholt alte Werte; den Zähler oder sein Gateway neu starten',
      pt: 'os seus postos mudaram {0} e ele percorreu sempre as mesmas {1} leituras: repete valores antigos, reinicie o contador ou o seu gateway',
    },
  'its stations changed by {0} and it stood still at {1}': {
    de: 'seine Ladestationen änderten sich um {0}, und er blieb bei {1} stehen',
    pt: 'os seus postos mudaram {0} e ele ficou parado em {1}',
  },
  '{0}: it repeats one value, restart the meter or its gateway': {
    de: '{0}: er wiederholt einen Wert; den Zähler oder sein Gateway neu starten',
    pt: '{0}: repete um valor, reinicie o contador ou o seu gateway',
  },
  'its stations changed by {0}, it showed only a part of that and repeats {1} since. This ends when it moves':
    {
      de: 'seine Ladestationen änderten sich um {0}, er zeigte nur einen Teil davon und wiederholt seither {1}. Das endet, wenn er sich bewegt',
      pt: 'os seus postos mudaram {0}, ele mostrou só uma parte e desde então repete {1}. Acaba quando se mexer',
    },
  'its stations alone draw {0} and it shows {1}': {
    de: 'seine Ladestationen allein ziehen {0}, und er zeigt {1}',
    pt: 'só os seus postos consomem {0} e ele mostra {1}',
  },
  'all its phases fell at once from {0} to {1}, below what its stations drew: a changed ratio, or several stations that lost their supply. This ends with the first step of its stations that it follows':
    {
      de: 'alle seine Phasen fielen auf einmal von {0} auf {1}, unter das, was seine Ladestationen zogen: ein geändertes Verhältnis, oder mehrere Ladestationen ohne Spannung. Das endet mit der ersten Änderung seiner Ladestationen, der er folgt',
      pt: 'todas as suas fases caíram de uma vez de {0} para {1}, abaixo do que os seus postos consumiam: uma relação mudada, ou vários postos sem alimentação. Acaba com a primeira mudança dos seus postos que ele acompanhar',
    },
  'it does not follow its stations': {
    de: 'er folgt seinen Ladestationen nicht',
    pt: 'não acompanha os seus postos',
  },
  'its stations changed by {0} and it moved by {1}': {
    de: 'seine Ladestationen änderten sich um {0}, und er bewegte sich um {1}',
    pt: 'os seus postos mudaram {0} e ele mexeu {1}',
  },
  '{0}, {1} {2} times of what flows: wrong transformer ratio in the meter, or wrong scale in the device file':
    {
      de: '{0}, {1} das {2}-Fache dessen, was fließt: falsches Wandlerverhältnis im Zähler, oder falsche Skalierung in der Gerätedatei',
      pt: '{0}, {1} {2} vezes o que passa: relação do transformador errada no contador, ou escala errada no ficheiro do aparelho',
    },
  'at most': { de: 'höchstens', pt: 'no máximo' },
  about: { de: 'etwa', pt: 'cerca de' },
  '{0}: the current transformer on {1} is turned round (K and L, P1 and P2), or its two wires are': {
    de: '{0}: der Stromwandler auf {1} sitzt verkehrt herum (K und L, P1 und P2), oder seine zwei Drähte sind vertauscht',
    pt: '{0}: o transformador de corrente em {1} está ao contrário (K e L, P1 e P2), ou os seus dois fios estão trocados',
  },
  '{0} and {1}': { de: '{0} und {1}', pt: '{0} e {1}' },
  '{0}: what happens on {1} is seen on {2}, current transformers or phases of a station are exchanged': {
    de: '{0}: was auf {1} geschieht, ist auf {2} zu sehen; Stromwandler oder Phasen einer Ladestation sind vertauscht',
    pt: '{0}: o que acontece em {1} vê-se em {2}, há transformadores de corrente ou fases de um posto trocados',
  },
  '{0}: transformers open or short-circuited, or not connected to this meter': {
    de: '{0}: Stromwandler offen oder kurzgeschlossen, oder nicht an diesem Zähler angeschlossen',
    pt: '{0}: transformadores abertos ou em curto-circuito, ou não ligados a este contador',
  },
  '{0}, though it followed them before: old values are repeated, or another device answers in its place': {
    de: '{0}, obwohl er ihnen früher folgte: alte Werte werden wiederholt, oder ein anderes Gerät antwortet an seiner Stelle',
    pt: '{0}, embora antes os acompanhasse: repetem-se valores antigos, ou outro aparelho responde em seu lugar',
  },
  '{0}: it measures another circuit, or the stations hang elsewhere than configured': {
    de: '{0}: er misst einen anderen Stromkreis, oder die Ladestationen hängen anderswo als eingerichtet',
    pt: '{0}: mede outro circuito, ou os postos estão ligados noutro lado que o configurado',
  },
  '{0} needs a reboot before {1} takes effect.': {
    de: '{0} muss neu starten, bevor {1} gilt.',
    pt: '{0} tem de reiniciar antes de {1} valer.',
  },
  '{0} has {1} connectors, {2} configured: the others cannot be controlled, and count at the worst once something happens on them.':
    {
      de: '{0} hat {1} Ladepunkte, {2} sind eingerichtet: die anderen sind nicht regelbar und zählen mit dem Schlimmsten, sobald an ihnen etwas geschieht.',
      pt: '{0} tem {1} pontos, {2} configurados: os outros não se podem controlar e contam pelo pior assim que algo lá acontecer.',
    },
  '{0}: set from outside, changes what the station may draw: {1}.': {
    de: '{0}: von außen gesetzt, ändert, was die Ladestation ziehen darf: {1}.',
    pt: '{0}: definido de fora, muda o que o posto pode consumir: {1}.',
  },
  '{0}: WebSocketPingInterval was set to {1} s from outside; the station notices a dead line late.': {
    de: '{0}: WebSocketPingInterval wurde von außen auf {1} s gesetzt; die Ladestation merkt eine tote Leitung spät.',
    pt: '{0}: WebSocketPingInterval foi definido de fora em {1} s; o posto nota tarde uma linha morta.',
  },
  'it has no such key': { de: 'sie hat keinen solchen Schlüssel', pt: 'não tem essa chave' },
  'the key is read-only': { de: 'der Schlüssel ist nur lesbar', pt: 'a chave é só de leitura' },
  'it is not set yet': { de: 'noch nicht gesetzt', pt: 'ainda não foi definida' },
  'it refuses another value': { de: 'sie lehnt einen anderen Wert ab', pt: 'recusa outro valor' },
  '{0} does not report its current ({1}: {2}).': {
    de: '{0} meldet ihren Strom nicht ({1}: {2}).',
    pt: '{0} não comunica a sua corrente ({1}: {2}).',
  },
  '{0} samples {1} ({2}: {3}); it is booked by its offer between.': {
    de: '{0} misst {1} ({2}: {3}); dazwischen ist sie mit ihrer Vorgabe gebucht.',
    pt: '{0} mede {1} ({2}: {3}); entretanto conta pela sua oferta.',
  },
  never: { de: 'nie', pt: 'nunca' },
  'every {0} s': { de: 'alle {0} s', pt: 'a cada {0} s' },
  Meter: { de: 'Zähler', pt: 'Contador' },
  'MQTT broker': { de: 'MQTT-Broker', pt: 'Broker MQTT' },
  'Feeder meter': { de: 'Zähler des Abgangs', pt: 'Contador do ramal' },
  '{0} x 0.1': { de: '{0} × 0,1', pt: '{0} × 0,1' },
  '{0} x 10': { de: '{0} × 10', pt: '{0} × 10' },
  '{0} L2 reversed': { de: '{0}: L2 verkehrt', pt: '{0}: L2 ao contrário' },
  '{0} inverted': { de: '{0}: Richtung verkehrt', pt: '{0}: sentido invertido' },
  '{0} phases swapped': { de: '{0}: Phasen vertauscht', pt: '{0}: fases trocadas' },
  '{0} frozen': { de: '{0}: steht still', pt: '{0}: parado' },
  '{0} replayed': { de: '{0}: alte Werte', pt: '{0}: valores antigos' },
  'it shows {0} on {1}, flowing out, with only half of the power that its volts and amps make: its current transformer and its voltage input on {2} are of different phases, put them on the same one':
    {
      de: 'er zeigt {0} auf {1}, nach außen fließend, mit nur der halben Leistung, die seine Volt und Ampere ergeben: Stromwandler und Spannungseingang auf {2} gehören zu verschiedenen Phasen, auf dieselbe legen',
      pt: 'mostra {0} em {1}, a sair, com só metade da potência que os seus volts e amperes dão: o transformador de corrente e a entrada de tensão em {2} são de fases diferentes, ponha-os na mesma',
    },
  'it shows {0} on {1} and the other phases flowing out too, and no generation is declared here: it is mounted the other way round, set "invert" or turn all its transformers':
    {
      de: 'er zeigt {0} auf {1}, und auch die anderen Phasen fließen nach außen, und hier ist keine Erzeugung angegeben: er ist andersherum eingebaut, „invert“ setzen oder alle Wandler drehen',
      pt: 'mostra {0} em {1} e as outras fases também a sair, e aqui não há geração declarada: está montado ao contrário, ponha "invert" ou vire todos os transformadores',
    },
  'its power of {0} on {1} is not what its own volts, amps and power factor of {2} make ({3}): current or power has a wrong scale or stands still, check device file and transformer ratio':
    {
      de: 'seine Leistung von {0} auf {1} ist nicht, was seine eigenen Volt, Ampere und sein Leistungsfaktor von {2} ergeben ({3}): Strom oder Leistung ist falsch skaliert oder steht still, Gerätedatei und Wandlerverhältnis prüfen',
      pt: 'a sua potência de {0} em {1} não é o que os seus volts, amperes e fator de potência de {2} dão ({3}): a corrente ou a potência tem a escala errada ou está parada, verifique o ficheiro do aparelho e a relação do transformador',
    },
  'its own clock stands still at {0} s for {1} s, and so do its values: it repeats old values, restart the meter or its gateway':
    {
      de: 'seine eigene Uhr steht seit {1} s bei {0} s, und seine Werte auch: er wiederholt alte Werte; den Zähler oder sein Gateway neu starten',
      pt: 'o seu relógio está parado em {0} s há {1} s, e os valores também: repete valores antigos, reinicie o contador ou o seu gateway',
    },
  'its own clock keeps running back ({0} s, then {1} s): old values are repeated, or two devices answer under one address':
    {
      de: 'seine eigene Uhr läuft immer wieder zurück ({0} s, dann {1} s): alte Werte werden wiederholt, oder zwei Geräte antworten unter einer Adresse',
      pt: 'o seu relógio anda sempre para trás ({0} s, depois {1} s): repetem-se valores antigos, ou dois aparelhos respondem no mesmo endereço',
    },
})
