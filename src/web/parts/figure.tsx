import { FIGURE_PATHS } from './figure-paths.js'

/** A participant's figure: ink on a square, or on the signal colour for one's own. */
export function Figure({ figure, isMine = false }: { readonly figure: number; readonly isMine?: boolean }) {
  return (
    <svg class={isMine ? 'fig me' : 'fig'} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path d={FIGURE_PATHS[figure] ?? ''} fill-rule="evenodd" />
    </svg>
  )
}
