/** Tests run from the TypeScript sources, as CommonJS in memory; black-box tests start the build. */
export default {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // Copies that mutation testing makes.
  modulePathIgnorePatterns: ['<rootDir>/.mutation/'],
  testEnvironment: 'node',
  testTimeout: 20_000,
  maxWorkers: 2,
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
}
