/**
 * Mutation testing of the domain: `npm run test:mutation`; docs/design.md says how to read it.
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  testRunner: 'jest',
  plugins: ['@stryker-mutator/jest-runner'],
  // Which files a mutant concerns says the coverage of each test, and not who imports whom.
  jest: { projectType: 'custom', configFile: 'test/mutation/jest.config.js', enableFindRelatedTests: false },
  mutate: ['machines/**/*.ts', 'src/sync/**/*.ts'],
  coverageAnalysis: 'perTest',
  // What runs while modules load would have every test run anew for each mutant: tables, the chart's object.
  ignoreStatic: true,
  concurrency: 2,
  // So long that a busy machine alone makes no mutant time out; loops without end are counted, not timed.
  timeoutMS: 20_000,
  // A process that has run Jest some hundred times holds a gigabyte.
  maxTestRunnerReuse: 200,
  // Left out of the copy that is mutated. A tsconfig in it would be rewritten, with a TypeScript before 7.
  ignorePatterns: ['/.bench', '/deploy', '/dist', '/docs', '/tsconfig.json'],
  tempDirName: '.mutation/sandbox',
  cleanTempDir: 'always',
  reporters: ['clear-text', 'progress-append-only', 'html', 'json'],
  clearTextReporter: { logTests: false, reportTests: false },
  htmlReporter: { fileName: '.mutation/report.html' },
  jsonReporter: { fileName: '.mutation/report.json' },
  thresholds: { high: 98, low: 95, break: 95 },
}
