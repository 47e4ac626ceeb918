import { relative } from 'node:path'
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript'
import importX from 'eslint-plugin-import-x'
import tseslint from 'typescript-eslint'

/**
 * Which layer may import which, as data. A layer may always import itself. The longest matching path wins.
 * The arrows are explained in CONTRIBUTING.md.
 */
const layers = {
  'src-main/contract': [],
  'src-main/engine/numeric': ['src-main/contract'],
  'src-main/engine/backend': ['src-main/contract'],
  'src-main/engine/storage': ['src-main/contract'],
  'src-main/engine/models': ['src-main/contract', 'src-main/engine/backend', 'src-main/engine/numeric'],
  'src-main/engine/analysis': ['src-main/contract', 'src-main/engine/numeric'],
  'src-main/engine/data': ['src-main/contract', 'src-main/engine/numeric', 'src-main/engine/storage'],
  'src-main/engine/inference': [
    'src-main/contract',
    'src-main/engine/analysis',
    'src-main/engine/backend',
    'src-main/engine/models',
    'src-main/engine/numeric',
    'src-main/engine/storage',
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
  'src-main/engine/jobs': ['src-main/contract', 'src-main/engine'],
  'src-main/engine': ['src-main/contract'],
  'src-main/engine/preview': [
    'src-main/contract',
    'src-main/engine/analysis',
    'src-main/engine/backend',
    'src-main/engine/inference',
    'src-main/engine/storage',
  ],
  'src-main/engine/queue': ['src-main/contract', 'src-main/engine'],
  'src-main/cli': ['src-main/contract', 'src-main/engine/engine.ts'],
  'src-main/transport': ['src-main/contract'],
  // What the desktop and browser mode share: the engine's process, the grants of paths, preferences.
  'src-main/host': [
    'src-main/contract',
    'src-main/transport',
    'src-main/engine/engine.ts',
    'src-main/engine/storage/atomic.ts',
    'src-main/engine/storage/home.ts',
  ],
  'src-main/server': ['src-main/contract', 'src-main/transport', 'src-main/host'],
  'src-main/electron': [
    'src-main/contract',
    'src-main/transport',
    'src-main/host',
    'src-main/engine/storage/home.ts',
  ],
  'src-main/start': [
    'src-main/contract',
    'src-main/host',
    'src-main/server',
    'src-main/engine/storage/home.ts',
  ],
}

/** Packages that only one place may import, so that replacing one touches one folder. */
const onlyIn = {
  sharp: 'src-main/engine/storage',
  'onnxruntime-node': 'src-main/engine/backend',
  'onnxruntime-web': 'src-main/engine/backend',
  commander: 'src-main/cli',
  birpc: 'src-main/transport',
  ws: 'src-main/server',
  electron: 'src-main/electron',
}

const layerNames = Object.keys(layers)
/** A layer's own files: those below it that no deeper layer claims. */
const filesOf = (layer) => ({
  files: [`${layer}/**/*.ts`],
  ignores: layerNames.filter((other) => other.startsWith(`${layer}/`)).map((other) => `${other}/**`),
})

const layerRules = layerNames.map((layer) => ({
  ...filesOf(layer),
  rules: {
    'import-x/no-restricted-paths': [
      'error',
      {
        basePath: import.meta.dirname,
        zones: [
          {
            target: '.',
            from: 'src-main',
            except: [layer, ...layers[layer]].map((allowed) => relative('src-main', allowed)),
            message: `${layer} may import only: ${[layer, ...layers[layer]].join(', ')}. The layer table stands in eslint.config.js.`,
          },
        ],
      },
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

export default tseslint.config(
  { ignores: ['dist/**', 'native/**', 'runs/**', 'coverage/**', '.venv/**'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [createTypeScriptImportResolver({ project: 'tsconfig.main.json' })],
    },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-self-import': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ExportAllDeclaration',
          message: 'No barrels: import from the file that defines the thing.',
        },
        {
          selector: 'ExportNamedDeclaration[source]',
          message: 'No barrels: import from the file that defines the thing.',
        },
      ],
    },
  },
  ...layerRules,
  { files: ['test/**/*.ts'], rules: { '@typescript-eslint/no-floating-promises': 'error' } },
)
