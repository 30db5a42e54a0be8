/** Tables of which only the texts of the spoken language are here. The built page makes its tables so (`web/one-language.ts`). */
import { startLanguage } from './first-language.js'
import { type Language, language } from './language.js'

// whoever has words comes through here first
startLanguage()

type Texts = Readonly<Record<string, string>>
type Doors = Readonly<Record<Language, () => Promise<Texts>>>

const tables: (() => Promise<() => void>)[] = []

/** Its texts change when another language is spoken; it stays the same object. */
export async function inOneLanguage(doors: Doors): Promise<Texts> {
  const table: Record<string, string> = {}
  const load = async () => {
    const texts = await doors[language()]()
    return () => {
      for (const key of Object.keys(table)) if (texts[key] === undefined) Reflect.deleteProperty(table, key)
      Object.assign(table, texts)
    }
  }
  const put = await load()
  put()
  tables.push(load)
  return table
}

/** The texts of the language that is spoken now, in all tables at once; rejects when one does not come, and none is changed. */
export async function loadTexts(): Promise<void> {
  const puts = await Promise.all(tables.map(load => load()))
  for (const put of puts) put()
}
