import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

interface Drawing {
  readonly size: number
  readonly path: string
}

/** The quiet zone that a reader needs around a code, in modules (ISO/IEC 18004). */
const QUIET = 4

/** A text as a code to scan; what draws it is loaded when it is first shown. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const drawing = useSignal<Drawing | null>(null)
  useEffect(() => {
    let isWanted = true
    import('uqr').then(
      ({ encode }) => {
        const { data, size } = encode(text, { ecc: 'M', border: QUIET })
        if (isWanted) drawing.value = { size, path: pathOf(data) }
      },
      // Without it there is still the link.
      () => {},
    )
    return () => {
      isWanted = false
    }
  }, [text, drawing])
  const { size, path } = drawing.value ?? { size: 1, path: '' }
  return (
    <svg
      class="qr"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shape-rendering="crispEdges"
    >
      <rect class="qr-bg" width={size} height={size} />
      <path class="qr-fg" d={path} />
    </svg>
  )
}

/** Dark modules as one path, a rectangle for each run in a row. */
function pathOf(rows: readonly (readonly boolean[])[]): string {
  let path = ''
  for (const [y, row] of rows.entries()) {
    for (let x = 0; x < row.length; x += 1) {
      if (row[x] !== true) continue
      const from = x
      while (row[x + 1] === true) x += 1
      path += `M${from} ${y}h${x - from + 1}v1h-${x - from + 1}z`
    }
  }
  return path
}
