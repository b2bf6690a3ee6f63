import type { Attack } from './attack.js'
import { BODIES } from './attacks/bodies.js'
import { FIELDS } from './attacks/fields.js'
import { FLOODS } from './attacks/floods.js'
import { KEYS } from './attacks/keys.js'
import { PIPELINING } from './attacks/pipelining.js'
import { READERS } from './attacks/readers.js'
import { SHAPES } from './attacks/shapes.js'
import { SLOW } from './attacks/slow.js'

/** Every attack of the table, by family. */
export const ATTACKS: readonly Attack[] = [
  ...PIPELINING,
  ...READERS,
  ...SLOW,
  ...BODIES,
  ...FIELDS,
  ...FLOODS,
  ...KEYS,
  ...SHAPES,
]
