// Aws-cdk-lib's template linter is six times the cost of a synth; CI runs it once, in strict synth.
process.env.CDK_VALIDATION = 'false';
// Each L1 construct records where it was made, and jest maps each frame of that to its source: a
// quarter of the time of all tests, for traces that none of them reads.
process.env.CDK_CONTEXT_JSON = JSON.stringify({ 'aws:cdk:disable-creation-stack-traces': true });

// `npm test` gives V8 more room for objects that live briefly, as constructs do: a tenth of the time.
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/system/'],
  modulePathIgnorePatterns: [
    ...['<rootDir>/cdk.out/', '<rootDir>/dist/', '<rootDir>/.nodes/'],
    // Its package.json would be a second package for jest
    '<rootDir>/init/templates/',
  ],
  globalSetup: '<rootDir>/test/setup/setup.mjs',
  globalTeardown: '<rootDir>/test/setup/teardown.mjs',
  // For what never ends: no test is to fail since a machine is busy
  testTimeout: 15 * 60_000,
  // By default jest leaves a core idle, which is half of a machine with two
  maxWorkers: '100%',
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } }],
  },
  // Compiled .js may lie beside .ts
  moduleFileExtensions: ['ts', 'js', 'json', 'node'],
};
