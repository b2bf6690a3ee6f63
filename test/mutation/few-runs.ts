import fc from 'fast-check'

const RUNS_MAX = 25

/** Every mutant runs these tests: few runs, always with the same values, and one failure is enough. */
process.env['PROPERTY_RUNS_MAX'] = String(RUNS_MAX)
fc.configureGlobal({ seed: 1, numRuns: RUNS_MAX, endOnFailure: true })
