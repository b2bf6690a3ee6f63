/** Drawings that the document defines once, by the name of their symbol. */
export type IconName =
  | 'check'
  | 'slot'
  | 'slotd'
  | 'moon'
  | 'eye'
  | 'eyeoff'
  | 'flag'
  | 'link'
  | 'list'
  | 'invite'
  | 'sliders'
  | 'close'
  | 'grip'
  | 'up'
  | 'down'
  | 'right'
  | 'phone'
  | 'copy'
  | 'share'
  | 'cup'
  | 'cut'
  | 'plus'
  | 'drop'
  | 'pause'
  | 'door'
  | 'bell'

/** An icon; it is decorative, next to a word with the same meaning. */
export function Icon({ name, class: extra = '' }: { readonly name: IconName; readonly class?: string }) {
  return (
    // An arrow points in reading direction.
    <svg class={`ic ${name === 'right' ? 'ic--turns' : ''} ${extra}`} aria-hidden="true" focusable="false">
      <use href={`#i-${name}`} />
    </svg>
  )
}
