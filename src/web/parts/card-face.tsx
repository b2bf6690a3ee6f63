import type { ComponentChildren } from 'preact'
import { say } from '../words/say.js'
import { Icon } from './icon.js'

/** The face of a card: its text, or a cup for the one that asks for a break. */
export function CardFace({ card }: { readonly card: string }): ComponentChildren {
  return card === 'coffee' ? <Icon name="cup" class="cup" /> : card
}

/** A card in words. */
export function cardName(card: string): string {
  return card === 'coffee' ? say('coffee') : card
}
