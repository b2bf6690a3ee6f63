import type { ComponentChildren } from 'preact'
import { panel } from '../address.js'
import { say } from '../words/say.js'
import { Icon } from './icon.js'

interface BarProps {
  /** The table's name; without one, the page is not at a table. */
  readonly table?: string
  /** The room's link, in spoken form. */
  readonly link?: string | null
  readonly children?: ComponentChildren
}

/** The top line: the current place, and what can be opened. */
export function Bar({ table, link = null, children }: BarProps) {
  return (
    <header class="bar">
      <a class="brand" href="/" aria-label={say('brand')}>
        <svg class="logo" aria-hidden="true" focusable="false">
          <use href="#logo" />
        </svg>
        <span>MagnaPP</span>
      </a>
      {table !== undefined && (
        <p class="bar-table">
          <bdi dir="auto">{table}</bdi>
        </p>
      )}
      {link !== null && (
        <a class="bar-link" href="#invite">
          <Icon name="link" />
          <span>{link}</span>
        </a>
      )}
      <div class="bar-end">{children}</div>
    </header>
  )
}

const TOOLS = [
  ['stories', 'list'],
  ['invite', 'invite'],
  ['settings', 'sliders'],
] as const

/** The buttons for the panels beside the table. */
export function Tools() {
  return (
    <nav class="tools" aria-label={say('table')}>
      {TOOLS.map(([name, icon]) => (
        <a
          key={name}
          href={panel.value === name ? '#' : `#${name}`}
          aria-label={say(name)}
          aria-current={panel.value === name ? 'page' : undefined}
        >
          <Icon name={icon} />
          <span>{say(name)}</span>
        </a>
      ))}
    </nav>
  )
}
