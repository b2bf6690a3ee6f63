/** An observation and when it was made. */
export interface Observation {
  readonly value: number
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** How many observations are kept verbatim. */
const RECENT_MAX = 10

/** Observations counted in fixed buckets: constant memory, and a short search for each observation. */
export class Histogram {
  /** Inclusive upper bounds, ascending; one more bucket counts what lies above the last. */
  readonly bounds: readonly number[]
  readonly #counts: number[]
  readonly #recent: Observation[] = []
  #sum = 0
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.#counts = new Array<number>(bounds.length + 1).fill(0)
  }

  /** Merges histograms with the same bounds into one. */
  static merged(histograms: readonly Histogram[]): Histogram {
    const merged = new Histogram(histograms[0]?.bounds ?? [])
    const recent = histograms.flatMap((histogram) => histogram.recent).sort((one, other) => one.at - other.at)
    merged.#recent.push(...recent.slice(-RECENT_MAX))
    for (const histogram of histograms) {
      for (const [bucket, count] of histogram.#counts.entries())
        merged.#counts[bucket] = (merged.#counts[bucket] ?? 0) + count
      merged.#sum += histogram.#sum
      merged.#min = Math.min(merged.#min, histogram.#min)
      merged.#max = Math.max(merged.#max, histogram.#max)
    }
    return merged
  }

  /** @param at - in milliseconds since the epoch */
  observe(value: number, at: number): void {
    const { bounds } = this
    let bucket = 0
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#sum += value
    this.#min = Math.min(this.#min, value)
    this.#max = Math.max(this.#max, value)
    this.#recent.push({ value, at })
    if (this.#recent.length > RECENT_MAX) this.#recent.shift()
  }

  get sum(): number {
    return this.#sum
  }

  /** `null` without observations. */
  get min(): number | null {
    return Number.isFinite(this.#min) ? this.#min : null
  }

  /** `null` without observations. */
  get max(): number | null {
    return Number.isFinite(this.#max) ? this.#max : null
  }

  /** The newest ten, oldest first. */
  get recent(): readonly Observation[] {
    return this.#recent
  }

  /** The number of observations up to each bound; the last element is the total. */
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
 * @param cumulative - from {@link Histogram.cumulative}, or the difference between two of those
 * @param share - from 0 to 1
 * @returns `null` without observations; the highest bound if the value lies above it
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
