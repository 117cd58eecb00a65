// node dist/reference/main.js: the API reference of all packages, as a site in docs/reference. Warnings are errors.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Application, type Context, Converter, OptionDefaults } from 'typedoc'
import { arrange, mustHaveSummaries, nameDocuments, removeMarks, separateRemarks } from './arrange.js'
import { chapters } from './chapters.js'
import { entryPoints } from './entry_points.js'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const here = (path: string) => join(root, 'tooling/docs', path)
const page = (path: string) => join(root, 'docs', path)
const decisions = readdirSync(page('decisions'))
  .sort()
  .map((name) => page(`decisions/${name}`))
// Those that say where to begin come first, which happens to be the order of the alphabet.
const guides = readdirSync(page('.'))
  .filter((name) => name.startsWith('guide-'))
  .sort()
  .map(page)
const points = entryPoints(root)

const app = await Application.bootstrap({
  name: '@loop',
  entryPoints: points.map(({ file }) => file),
  tsconfig: here('tsconfig.reference.json'),
  out: page('reference'),
  readme: join(root, 'README.md'),
  projectDocuments: [
    ...guides,
    ...['parity.md', 'platforms.md', 'order.md', 'architecture.md'].map(page),
    ...decisions,
  ],
  highlightLanguages: ['bash', 'json', 'python', 'sh', 'text', 'typescript'],
  customCss: here('reference.css'),
  // There is no public place yet that a line of the source could be shown at.
  disableSources: true,
  excludeExternals: true,
  excludeInternal: true,
  excludePrivate: true,
  excludeProtected: true,
  categorizeByGroup: false,
  categoryOrder: [...Object.keys(chapters), '*'],
  sort: ['documents-first', 'kind', 'alphabetical'],
  // What one calls comes before what one holds, and that before what one passes.
  kindSortOrder: [
    'Document',
    'Module',
    'Function',
    'Class',
    'Variable',
    'Interface',
    'TypeAlias',
    'Reference',
    'Constructor',
    'Property',
    'Accessor',
    'Method',
  ],
  sortEntryPoints: false,
  blockTags: [...OptionDefaults.blockTags, '@asyncio'],
  navigation: { includeCategories: true, includeGroups: false },
  searchInComments: true,
  searchInDocuments: true,
  validation: {
    notExported: true,
    invalidLink: true,
    rewrittenLink: true,
    notDocumented: true,
    unusedMergeModuleWith: true,
  },
  // Constructors that are only described, in a property that is documented itself.
  intentionallyNotDocumented: ['UvDriver', 'WaiterThread'].map(
    (name) => `@loop/core/contract.NativeDrivers.${name}.__type`,
  ),
  packagesRequiringDocumentation: [...new Set(points.map(({ package: name }) => name))],
  requiredToBeDocumented: ['Class', 'Interface', 'Function', 'Method', 'Accessor', 'Property', 'Variable', 'TypeAlias'],
})
app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context: Context) => {
  arrange(context, points)
  nameDocuments(context)
  separateRemarks(context)
  mustHaveSummaries(context)
})

const project = await app.convert()
if (project !== undefined) {
  removeMarks(project)
  app.validate(project)
  await app.generateOutputs(project)
}
const { errorCount, warningCount, validationWarningCount } = app.logger
if (project === undefined || errorCount + warningCount + validationWarningCount > 0) process.exitCode = 1
