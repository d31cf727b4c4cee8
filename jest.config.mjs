// aws-cdk-lib's template linter is six times the cost of a synth; CI runs it once, in strict synth.
process.env.CDK_VALIDATION = 'false';

export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/boot/'],
  modulePathIgnorePatterns: ['<rootDir>/cdk.out/', '<rootDir>/dist/'],
  globalSetup: '<rootDir>/test/setup/payload.mjs',
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } }],
  },
  // compiled .js may lie beside .ts
  moduleFileExtensions: ['ts', 'js', 'json', 'node'],
};
