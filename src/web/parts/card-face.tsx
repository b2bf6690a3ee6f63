import type { ComponentChildren } from 'preact'
import { Icon } from './icon.js'

/** What stands on a card: its own text, or a cup for the one that asks for a break. */
export function CardFace({ card }: { readonly card: string }): ComponentChildren {
  return card === 'coffee' ? <Icon name="cup" class="cup" /> : card
}
