/**
 * What Busbar answers, in the language of the page: faults of a check, refusals, what came of a change. It says them in English;
 * the words of the two other languages are loaded before the first of them is shown.
 */
import { frame } from './frame.js'
import { heard } from './heard.js'
import { language } from './language.js'

type Answers = typeof import('./answers.js').ANSWERS

let answers: Answers | undefined

/** Done when the page can say them. */
export async function loadAnswers(): Promise<void> {
  if (language() !== 'en' && answers === undefined) answers = (await import('./answers.js')).ANSWERS
}

/** As it came where it is not known; parts of a list are said one by one. */
export function answerText(english: string): string {
  const table = answers
  if (table === undefined || language() === 'en') return english
  return english
    .split('; ')
    .map(part => heard(table, part) ?? part)
    .join('; ')
}

/** "nothing, not 6 to 80 A" of a fault. */
export function faultText({
  found,
  expected,
}: {
  readonly found: string
  readonly expected: string
}): string {
  return frame('foundExpected', { found: answerText(found), expected: answerText(expected) })
}

/** Why it was refused, from the body of the answer. */
export async function refusalText(body: unknown): Promise<string> {
  await loadAnswers()
  const [error, found, expected] = ['error', 'found', 'expected'].map(name =>
    typeof body === 'object' && body !== null ? String(Reflect.get(body, name) ?? '') : '',
  )
  return `${answerText(error ?? '')}: ${faultText({ found: found ?? '', expected: expected ?? '' })}`
}
