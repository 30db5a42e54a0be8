/**
 * What the stations of a run are, as their seeds state it in the test configuration (004: "Hardware feature set"; 001 §3
 * and 000 for the WEMOB). What is simulated of it is one connector and its cable; the rest is told, not tried.
 */
import type { Hardware } from './report.js'

export const HARDWARE: readonly Hardware[] = [
  {
    device: 'ecs-wkt-ec13',
    features: [
      ['Type', 'WKT-EC13'],
      ['OCPP Software version', 'RC3.1'],
      ['Socket(s) / connector(s)', 'Single'],
      ['Fixed cable', 'Yes'],
      ['Communication technology', 'WiFi / ethernet / mobile network'],
      ['RFID readers', 'single'],
      ['Device supports sending milliseconds in timestamps', 'Yes'],
    ],
  },
  {
    device: 'weg-wemob',
    features: [
      ['Type', 'WEMOB Station'],
      ['OCPP Software version', 'v2.6.0'],
      ['Socket(s) / connector(s)', 'by model; played with one'],
      ['Fixed cable', 'Yes'],
      ['Communication technology', 'Wi-Fi 802.11ac / LTE 4G / Ethernet (Cat5e to Cat7)'],
      ['RFID readers', 'yes; how many is not stated'],
    ],
  },
  {
    device: 'generic',
    features: [
      ['Type', 'any station; in no seed'],
      ['Socket(s) / connector(s)', 'Single'],
    ],
  },
]
