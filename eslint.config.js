import js from '@eslint/js'
import tseslint from 'typescript-eslint'

export default tseslint.config(
  {
    ignores: [
      'node_modules',
      '.lockstep', // what programs keep here, the benchmark's Ponder app among it
      'out',
      'out-*',
      'cache',
      'broadcast',
      'deployments/src/abis',
      'app/dist*',
      'app/src/data/*.d.ts',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        project: './tsconfig.json',
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      // Numbers are printed all over the place, and safely.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // Typed arrays and tables are indexed in bounds by construction; `!` says so where it matters.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  // What runs in a browser is a project of its own.
  {
    files: ['app/src/**'],
    languageOptions: { parserOptions: { project: './app/tsconfig.json' } },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        Buffer: 'readonly',
        require: 'readonly',
        URL: 'readonly',
      },
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs', globals: { __filename: 'readonly' } },
  },
)
