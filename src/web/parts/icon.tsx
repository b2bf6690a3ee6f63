/** Drawings that the document holds once, by the name of their symbol. */
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

/** A drawing of the interface; it says nothing that a word beside it does not. */
export function Icon({ name, class: extra = '' }: { readonly name: IconName; readonly class?: string }) {
  return (
    // An arrow points where reading goes.
    <svg class={`ic ${name === 'right' ? 'ic--turns' : ''} ${extra}`} aria-hidden="true" focusable="false">
      <use href={`#i-${name}`} />
    </svg>
  )
}
