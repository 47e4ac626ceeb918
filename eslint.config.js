import { relative } from 'node:path'
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript'
import importX from 'eslint-plugin-import-x'
import svelte from 'eslint-plugin-svelte'
import tseslint from 'typescript-eslint'

/**
 * Which layer may import which, as data. A layer may always import itself. The longest matching path wins.
 * The arrows are explained in CONTRIBUTING.md.
 */
const layers = {
  'src-main/contract': [],
  'src-main/engine/numeric': ['src-main/contract'],
  'src-main/engine/backend': [
    'src-main/contract',
    'src-main/engine/numeric/random.ts',
    'src-main/engine/product.ts',
    'src-main/engine/storage/atomic.ts',
    'src-main/engine/storage/home.ts',
  ],
  'src-main/engine/storage': ['src-main/contract', 'src-main/engine/numeric/samples.ts'],
  'src-main/engine/models': ['src-main/contract', 'src-main/engine/backend', 'src-main/engine/numeric'],
  'src-main/engine/analysis': ['src-main/contract', 'src-main/engine/numeric'],
  'src-main/engine/data': [
    'src-main/contract',
    'src-main/engine/numeric',
    'src-main/engine/preview/cache.ts',
    'src-main/engine/storage',
  ],
  'src-main/engine/inference': [
    'src-main/contract',
    'src-main/engine/analysis',
    'src-main/engine/backend',
    'src-main/engine/models',
    'src-main/engine/numeric',
    'src-main/engine/storage',
    // A network that is trained on the page that it cleans.
    'src-main/engine/training/schedule.ts',
    'src-main/engine/training/step.ts',
  ],
  'src-main/engine/training': [
    'src-main/contract',
    'src-main/engine/analysis',
    'src-main/engine/backend',
    'src-main/engine/data',
    'src-main/engine/models',
    'src-main/engine/numeric',
    'src-main/engine/storage',
  ],
  'src-main/engine/staging': ['src-main/contract', 'src-main/engine/backend', 'src-main/engine/storage'],
  'src-main/engine/jobs': ['src-main/contract', 'src-main/engine'],
  'src-main/engine/latent': ['src-main/contract', 'src-main/engine'],
  'src-main/engine/anomaly': ['src-main/contract', 'src-main/engine'],
  'src-main/engine/classify': ['src-main/contract', 'src-main/engine'],
  'src-main/engine': ['src-main/contract'],
  'src-main/engine/preview': [
    'src-main/contract',
    'src-main/engine/analysis',
    'src-main/engine/backend',
    'src-main/engine/inference',
    'src-main/engine/numeric/samples.ts',
    'src-main/engine/storage',
  ],
  'src-main/engine/queue': ['src-main/contract', 'src-main/engine'],
  'src-main/cli': ['src-main/contract', 'src-main/engine/engine.ts', 'src-main/engine/product.ts'],
  'src-main/transport': ['src-main/contract'],
  // What the desktop and browser mode share: the engine's process, the grants of paths, preferences.
  'src-main/host': [
    'src-main/contract',
    'src-main/transport',
    'src-main/engine/engine.ts',
    'src-main/engine/storage/atomic.ts',
    'src-main/engine/storage/home.ts',
    'src-main/engine/storage/lock.ts',
  ],
  'src-main/server': [
    'src-main/contract',
    'src-main/transport',
    'src-main/host',
    'src-main/engine/storage/zip-write.ts',
  ],
  'src-main/electron': [
    'src-main/contract',
    'src-main/transport',
    'src-main/host',
    'src-main/engine/storage/atomic.ts',
    'src-main/engine/storage/home.ts',
  ],
  'src-main/start': [
    'src-main/contract',
    'src-main/host',
    'src-main/server',
    'src-main/engine/storage/home.ts',
  ],
  // The page: it reaches the engine through a channel, and knows it only by the contract.
  'src-renderer': ['src-main/contract'],
  'src-renderer/state': [
    'src-main/contract',
    'src-main/transport/channel.ts',
    'src-main/transport/connect.ts',
    'src-main/transport/port-channel.ts',
    'src-main/transport/socket-channel.ts',
  ],
  'src-renderer/components': ['src-main/contract', 'src-renderer/state'],
  'src-renderer/views': ['src-main/contract', 'src-renderer/components', 'src-renderer/state'],
}

/** Packages that only one place may import, so that replacing one touches one folder. */
const onlyIn = {
  sharp: 'src-main/engine/storage',
  yauzl: 'src-main/engine/storage',
  hyparquet: 'src-main/engine/latent',
  'hyparquet-writer': 'src-main/engine/latent',
  'onnxruntime-node': 'src-main/engine/backend',
  'onnxruntime-web': 'src-main/engine/backend',
  commander: 'src-main/cli',
  birpc: 'src-main/transport',
  ws: 'src-main/server',
  electron: 'src-main/electron',
  'bits-ui': 'src-renderer/components',
}

const roots = ['src-main', 'src-renderer']
const layerNames = Object.keys(layers)
/** A layer's own files: those below it that no deeper layer claims. */
const filesOf = (layer) => ({
  files: [`${layer}/**/*.ts`, `${layer}/**/*.svelte`],
  ignores: layerNames.filter((other) => other.startsWith(`${layer}/`)).map((other) => `${other}/**`),
})

/** What of one root a layer may not import. */
function zoneOf(layer, root) {
  const allowed = [layer, ...layers[layer]]
  const within = allowed.filter((path) => `${path}/`.startsWith(`${root}/`))
  return {
    target: '.',
    from: root,
    ...(within.length > 0 && { except: within.map((path) => `./${relative(root, path)}`) }),
    message: `${layer} may import only: ${allowed.join(', ')}. The layer table stands in eslint.config.js.`,
  }
}

const layerRules = layerNames.map((layer) => ({
  ...filesOf(layer),
  rules: {
    'import-x/no-restricted-paths': [
      'error',
      { basePath: import.meta.dirname, zones: roots.map((root) => zoneOf(layer, root)) },
    ],
    'no-restricted-imports': [
      'error',
      {
        paths: Object.entries(onlyIn)
          .filter(([, home]) => home !== layer)
          .map(([name, home]) => ({ name, message: `Only ${home} may import ${name}.` })),
      },
    ],
  },
}))

const forbiddenSyntax = [
  {
    selector: 'ExportAllDeclaration',
    message: 'No barrels: import from the file that defines the thing.',
  },
  {
    selector: 'ExportNamedDeclaration[source]',
    message: 'No barrels: import from the file that defines the thing.',
  },
  {
    selector: "SvelteAttribute[key.name='style']",
    message: "The page's policy forbids style attributes: use a class, or a style: directive.",
  },
]

/** Chromium 110 brought them; the page runs in 108, the oldest that it is tried in (`electron.vite.config.ts`). */
const tooNewForThePage = {
  selector: 'CallExpression[callee.property.name=/^(toSorted|toReversed|toSpliced|withResolvers|groupBy)$/]',
  message: 'The oldest Chromium that the page runs in has no such function.',
}

export default tseslint.config(
  { ignores: ['dist/**', 'out/**', 'runs/**', 'coverage/**', '.venv/**'] },
  {
    files: ['**/*.ts', '**/*.svelte'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.svelte'],
      },
    },
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [
        createTypeScriptImportResolver({
          project: ['tsconfig.main.json', 'tsconfig.renderer.json'],
          noWarnOnMultipleProjects: true,
        }),
      ],
    },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-self-import': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      'no-restricted-syntax': ['error', ...forbiddenSyntax],
    },
  },
  {
    files: ['src-renderer/**', 'src-main/contract/**', 'src-main/transport/**'],
    rules: { 'no-restricted-syntax': ['error', ...forbiddenSyntax, tooNewForThePage] },
  },
  ...svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: {
      'svelte/require-each-key': 'error',
      // State is replaced whole (`$state.raw`), and what is no state need not be reactive.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  {
    files: ['**/*.svelte'],
    rules: {
      // The types of components are known to svelte-check only, which finds the same.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
    },
  },
  ...layerRules,
  { files: ['test/**/*.ts'], rules: { '@typescript-eslint/no-floating-promises': 'error' } },
)
