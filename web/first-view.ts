// What the first view is made of comes as two files, each of which the document names: a small one that asks for the site and the
// words at once, and all that draws them. A file of its own costs a request and, on a slow machine, more time than what is in it.
import { join } from 'node:path'
import type { Plugin, Rolldown } from 'vite'

const FOLDER = join(import.meta.dirname, 'src')
const START = join(FOLDER, 'main.ts')
const PAGE = join(FOLDER, 'page.tsx')

export function firstView(): Plugin {
  let parts: ReadonlyMap<string, string> | undefined
  return {
    name: 'first-view',
    config: () => ({
      build: {
        rolldownOptions: {
          input: { index: join(FOLDER, '../index.html'), page: PAGE },
          output: {
            codeSplitting: {
              includeDependenciesRecursively: false,
              groups: [
                {
                  name(id: string, graph: Graph) {
                    parts ??= partsOf(graph)
                    return parts.get(id) ?? null
                  },
                },
              ],
            },
          },
        },
      },
    }),
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle = {} }) {
        const chunks = Object.values(bundle).filter(
          (one): one is Rolldown.OutputChunk => one.type === 'chunk',
        )
        const page = chunks.find(({ moduleIds }) => moduleIds.includes(PAGE))
        const src = page === undefined ? '/src/page.tsx' : `./${page.fileName}`
        return [{ tag: 'script', attrs: { type: 'module', crossorigin: true, src }, injectTo: 'head' }]
      },
    },
  }
}

interface Graph {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null
}

/** In which of the two each module stands; what the start needs the page has from there. */
function partsOf(graph: Graph): ReadonlyMap<string, string> {
  const parts = new Map<string, string>()
  const put = (id: string, part: string): void => {
    if (parts.has(id)) return
    parts.set(id, part)
    for (const imported of graph.getModuleInfo(id)?.importedIds ?? []) put(imported, part)
  }
  put(START, 'start')
  put(PAGE, 'page')
  return parts
}
