/** Observations counted in fixed buckets: constant memory, and an observation costs a short search. */
export class Histogram {
  /** Upper bounds, inclusive, rising; what is above the last is counted in one more bucket. */
  readonly bounds: readonly number[]
  readonly #counts: number[]
  #sum = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.#counts = new Array<number>(bounds.length + 1).fill(0)
  }

  observe(value: number): void {
    const { bounds } = this
    let bucket = 0
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#sum += value
  }

  get sum(): number {
    return this.#sum
  }

  /** Observations up to each bound, and up to any value at the end: its last is their number. */
  cumulative(): number[] {
    let total = 0
    return this.#counts.map((count) => {
      total += count
      return total
    })
  }
}

/**
 * The value below which a share of the observations lies, interpolated within its bucket.
 * @param cumulative - as {@link Histogram.cumulative} gives it, or the difference of two of those
 * @param share - from 0 to 1
 * @returns `null` without observations; the highest bound when it lies above that
 */
export function quantile(
  bounds: readonly number[],
  cumulative: readonly number[],
  share: number,
): number | null {
  const total = cumulative.at(-1) ?? 0
  if (total === 0) return null
  const rank = share * total
  const bucket = cumulative.findIndex((count) => count >= rank)
  const upper = bounds[bucket]
  if (upper === undefined) return bounds.at(-1) ?? null
  const lower = bounds[bucket - 1] ?? 0
  const below = cumulative[bucket - 1] ?? 0
  const within = (cumulative[bucket] ?? 0) - below
  return within === 0 ? lower : lower + (upper - lower) * ((rank - below) / within)
}
