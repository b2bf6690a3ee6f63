interface GaugeProps {
  /** The remaining share, 0 to 1. */
  readonly share: number
  /** The number of steps, and after how many of them there is a long tick. */
  readonly steps: number
  readonly longEvery: number
}

const WIDTH = 500
const HEIGHT = 28

/** The remaining time, on a ruler. */
export function Gauge({ share, steps, longEvery }: GaugeProps) {
  const at = (part: number) => Math.round((1 + part * (WIDTH - 2)) * 10) / 10
  const pin = at(Math.min(1, Math.max(0, share)))
  return (
    <svg
      class="gauge"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      {Array.from({ length: steps + 1 }, (_, step) => {
        const x = at(step / steps)
        return <line key={step} x1={x} x2={x} y1={HEIGHT} y2={step % longEvery === 0 ? 12 : 20} />
      })}
      <line class="gauge-run" x1={1} x2={pin} y1={HEIGHT - 1} y2={HEIGHT - 1} />
      <line class="gauge-pin" x1={pin} x2={pin} y1={0} y2={HEIGHT} />
    </svg>
  )
}
