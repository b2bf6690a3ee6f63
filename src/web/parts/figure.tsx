/** A participant's figure: ink on a square, or on the signal where it is one's own. */
export function Figure({ figure, isMine = false }: { readonly figure: number; readonly isMine?: boolean }) {
  return (
    <svg class={isMine ? 'fig me' : 'fig'} aria-hidden="true" focusable="false">
      <use href={`#f${figure}`} />
    </svg>
  )
}
