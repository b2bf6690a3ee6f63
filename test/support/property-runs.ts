/**
 * How often a property is tried.
 * @param wanted - runs in an ordinary test; `PROPERTY_RUNS_MAX` limits it where the same tests run
 *   thousands of times (test/mutation)
 */
export function propertyRuns(wanted: number): number {
  return Math.min(wanted, Number(process.env['PROPERTY_RUNS_MAX'] ?? wanted))
}
