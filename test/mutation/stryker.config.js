/**
 * Mutation testing of the domain: `npm run test:mutation`; docs/design.md says how to read it.
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  testRunner: 'jest',
  plugins: ['@stryker-mutator/jest-runner'],
  // Which tests concern a mutant is decided by each test's coverage, not by imports.
  jest: { projectType: 'custom', configFile: 'test/mutation/jest.config.js', enableFindRelatedTests: false },
  mutate: ['machines/**/*.ts', 'src/sync/**/*.ts'],
  coverageAnalysis: 'perTest',
  // Mutants in code that runs at module load (tables, the chart's object) would need all tests run anew.
  ignoreStatic: true,
  concurrency: 2,
  // So long that a busy machine alone makes no mutant time out; infinite loops are counted, not timed.
  timeoutMS: 20_000,
  // A process that has run Jest a few hundred times holds a gigabyte.
  maxTestRunnerReuse: 200,
  // Left out of the mutated copy. A tsconfig in it would be rewritten, by a TypeScript older than 7.
  ignorePatterns: ['/.bench', '/deploy', '/dist', '/docs', '/tsconfig.json'],
  tempDirName: '.mutation/sandbox',
  cleanTempDir: 'always',
  reporters: ['clear-text', 'progress-append-only', 'html', 'json'],
  clearTextReporter: { logTests: false, reportTests: false },
  htmlReporter: { fileName: '.mutation/report.html' },
  jsonReporter: { fileName: '.mutation/report.json' },
  thresholds: { high: 98, low: 95, break: 95 },
}
