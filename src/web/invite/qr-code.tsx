import { useMemo } from 'preact/hooks'
import { encode } from 'uqr'

/** The quiet zone that a reader needs around a code, in modules (ISO/IEC 18004). */
const QUIET = 4

/** A text as a QR code. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const { size, path } = useMemo(() => {
    const code = encode(text, { ecc: 'M', border: QUIET })
    return { size: code.size, path: pathOf(code.data) }
  }, [text])
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

/** The dark modules as one path, with one rectangle per run in a row. */
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
