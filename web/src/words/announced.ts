/** The page in the local networks. */
import { room } from './room.js'

export const announced = room({
  as: {
    en: 'In the network of {address}: {hosts}, listed as “{name}”',
    de: 'Im Netz von {address}: {hosts}, in Listen als „{name}“',
    pt: 'Na rede de {address}: {hosts}, nas listas como “{name}”',
  },
  asking: {
    en: 'In the network of {address}: asking whether the name is free',
    de: 'Im Netz von {address}: es wird gefragt, ob der Name frei ist',
    pt: 'Na rede de {address}: a perguntar se o nome está livre',
  },
  not: {
    en: 'Not announced in the network of {address}: {why}. It is tried again each minute.',
    de: 'Im Netz von {address} nicht angekündigt: {why}. Jede Minute wird es wieder versucht.',
    pt: 'Não anunciada na rede de {address}: {why}. Tenta-se de novo a cada minuto.',
  },
  taken: {
    en: '{name} is the name of another machine there, {by}',
    de: '{name} heißt dort schon ein anderer Rechner, {by}',
    pt: '{name} já é ali o nome de outra máquina, {by}',
  },
  'names-taken': {
    en: '“{detail}” is taken',
    de: '„{detail}“ ist vergeben',
    pt: '“{detail}” já está em uso',
  },
  'name-lost': {
    en: 'another machine answers for {detail}',
    de: 'ein anderer Rechner antwortet für {detail}',
    pt: 'outra máquina responde por {detail}',
  },
  network: {
    en: 'the network does not take it ({detail})',
    de: 'das Netz nimmt es nicht an ({detail})',
    pt: 'a rede não o aceita ({detail})',
  },
})
