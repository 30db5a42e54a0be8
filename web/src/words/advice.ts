/** What to do about a link that is down, by what was found (`core/words/links`); meters say it themselves. */
import type { Said, SaidParams } from '../../../src/core/words/said.js'
import { room } from './room.js'

const advice = room({
  name: {
    en: 'Check the name in the address, and the name server of this cabinet.',
    de: 'Den Namen in der Adresse und den Namensserver dieses Schaltschranks prüfen.',
    pt: 'Verifique o nome no endereço e o servidor de nomes deste quadro.',
  },
  address: {
    en: 'Check address and port, and whether it runs and a firewall lets this cabinet through.',
    de: 'Adresse und Port prüfen, und ob es läuft und eine Firewall diesen Schaltschrank durchlässt.',
    pt: 'Verifique endereço e porta, se está a funcionar e se a firewall deixa passar este quadro.',
  },
  network: {
    en: 'Check the network cable, router and gateway of this cabinet.',
    de: 'Netzkabel, Router und Gateway dieses Schaltschranks prüfen.',
    pt: 'Verifique o cabo de rede, o router e o gateway deste quadro.',
  },
  password: {
    en: 'Ask its operator which password it knows for this station, and set that one there.',
    de: 'Den Betreiber fragen, welches Passwort er für diese Ladestation kennt, und es dort setzen.',
    pt: 'Pergunte a quem o gere que palavra-passe conhece para este posto e defina-a lá.',
  },
  known: {
    en: 'Ask its operator whether it knows this station id, and compare the path of the address.',
    de: 'Den Betreiber fragen, ob er diese Stations-ID kennt, und den Pfad der Adresse vergleichen.',
    pt: 'Pergunte a quem o gere se conhece este id e compare o caminho do endereço.',
  },
  protocol: {
    en: 'The address leads to something else: ask its operator for the one of OCPP 1.6J.',
    de: 'Die Adresse führt zu etwas anderem: beim Betreiber nach der für OCPP 1.6J fragen.',
    pt: 'O endereço leva a outra coisa: peça a quem o gere o de OCPP 1.6J.',
  },
  certificate: {
    en: 'See the certificates in the account, or tell its operator.',
    de: 'Die Zertifikate im Konto ansehen, oder es dem Betreiber sagen.',
    pt: 'Veja os certificados na conta, ou avise quem o gere.',
  },
  stationPassword: {
    en: 'Set the same password at the station and in its form here.',
    de: 'An der Ladestation und hier in ihrem Formular dasselbe Passwort setzen.',
    pt: 'Defina a mesma palavra-passe no posto e no formulário dele aqui.',
  },
  loop: {
    en: 'Enter the address of the CSMS itself.',
    de: 'Die Adresse des CSMS selbst eintragen.',
    pt: 'Indique o endereço do próprio CSMS.',
  },
})

const DO: Readonly<Record<string, Parameters<typeof advice>[0]>> = {
  'name-unknown': 'name',
  'name-not-looked-up': 'name',
  'no-name-server': 'network',
  'connection-refused': 'address',
  'no-answer': 'address',
  'host-down': 'address',
  'no-connection': 'address',
  'no-way-to-address': 'network',
  'no-way-to-network': 'network',
  'own-network-down': 'network',
  'link-unauthorized': 'password',
  'link-forbidden': 'known',
  'link-not-found': 'known',
  'link-handshake': 'protocol',
  'link-sub-protocol': 'protocol',
  'refused-no-password': 'stationPassword',
  'refused-password-unknown': 'stationPassword',
  'refused-wrong-password': 'stationPassword',
  'refused-too-many-tries': 'stationPassword',
  'refused-leads-back': 'loop',
}

/** Codes that something is said of. */
export const ADVISED = Object.keys(DO)

/** Of an alarm, by the first cause in it; undefined where it says itself what to do, or nothing is known. */
export function adviceOf({ phrase, params }: Partial<Said>): string | undefined {
  // A meter's own alarm says what to look at.
  if (phrase === undefined || phrase.startsWith('meter-')) return undefined
  const key = firstCause({ phrase, params: params ?? {} })
  return key === undefined ? undefined : advice(key)
}

const MOST_DEEP = 8

function firstCause(
  { phrase, params }: { readonly phrase: string; readonly params: SaidParams },
  depth = 0,
): Parameters<typeof advice>[0] | undefined {
  const own = Object.hasOwn(DO, phrase) ? DO[phrase] : phrase.startsWith('tls-') ? 'certificate' : undefined
  if (own !== undefined || depth > MOST_DEEP) return own
  for (const param of Object.values(params)) {
    const found = typeof param === 'object' ? firstCause(param, depth + 1) : undefined
    if (found !== undefined) return found
  }
  return undefined
}
