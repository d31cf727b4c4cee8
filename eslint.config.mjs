import { builtinModules } from 'node:module';
import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';
import { publicApi } from './scripts/eslint-public-api.mjs';

// One name for each module, which no package can have
const NODE_MODULES = builtinModules
  .filter((name) => !name.startsWith('node:'))
  .map((name) => ({ name, message: `import node:${name}` }));

/** Names with which a comment may begin, in lower case as their owners write them. */
const LOWER_CASE_NAMES = [
  ...['cfn-init', 'cloud-init', 'django-cors-headers', 'gAAAA', 'gid', 'gunicorn', 'jsii'],
  ...['kolla-ansible', 'memcached', 'mtime', 'nginx', 'np[mx]', 'uid'],
  ...['script\\(1\\)', 'systemd', 'tree\\.json'],
];

/** Restricts the imports of a file: modules of Node.js by their full names, and no other folder of these. */
const imports = (...folders) => [
  'error',
  {
    paths: NODE_MODULES,
    patterns: folders.map((folder) => ({
      regex: `^(\\.\\./)+${folder}(/|$)`,
      message: `put what both need into harness/ or preview/, not into ${folder}/`,
    })),
  },
];

export default tseslint.config(
  {
    ignores: [
      '**/*.js',
      '**/*.d.ts',
      'cdk.out/',
      'dist/',
      'node_modules/',
      'coverage/',
      '.venv-judges/',
      '.venv-languages/',
      '.venv-site/',
      // Programs that a command printed
      'test/unit/import/',
      '.nodes/',
      '.site/',
      'site/',
    ],
  },
  eslint.configs.recommended,
  ...tseslint.configs.recommended,
  {
    files: ['**/*.mjs'],
    languageOptions: { globals: { console: 'readonly', process: 'readonly', Buffer: 'readonly' } },
  },
  {
    // What benches and tests run in a browser
    files: ['bench/*/*.mjs', 'test/system/*/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          ...['document', 'File', 'getComputedStyle', 'HTMLFormElement', 'location', 'Option'],
          ...['performance', 'requestAnimationFrame', 'setTimeout', 'URL', 'window'],
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    files: ['**/*.ts'],
    rules: {
      curly: ['error', 'all'],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/explicit-member-accessibility': [
        'error',
        { overrides: { constructors: 'no-public' } },
      ],
    },
  },
  {
    files: ['**/*.ts', '**/*.mjs'],
    rules: {
      'capitalized-comments': [
        'error',
        'always',
        {
          ignoreConsecutiveComments: true,
          ignoreInlineComments: true,
          ignorePattern: `(?:${LOWER_CASE_NAMES.join('|')})`,
        },
      ],
    },
  },
  {
    files: ['**/*.ts', '**/*.mjs'],
    rules: { 'no-restricted-imports': imports() },
  },
  { files: ['bench/**'], rules: { 'no-restricted-imports': imports('test') } },
  { files: ['test/**'], rules: { 'no-restricted-imports': imports('bench') } },
  {
    files: ['harness/**', 'preview/**'],
    rules: { 'no-restricted-imports': imports('test', 'bench') },
  },
  {
    // The public API: what jsii and the AWS CDK's guidelines ask for
    files: ['lib/**/*.ts'],
    plugins: { 'public-api': publicApi },
    rules: { 'public-api/props': 'error' },
  },
  {
    // And what the constructs share
    files: ['lib/**/*.ts'],
    ignores: ['lib/nag/**', '!lib/nag/checks.ts', 'lib/contract/**', 'lib/import/**'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      // In languages other than TypeScript, two interfaces with the same members are two types
      '@typescript-eslint/no-empty-object-type': [
        'error',
        { allowInterfaces: 'with-single-extends' },
      ],
      'public-api/props': ['error', { internal: true }],
    },
  },
);
