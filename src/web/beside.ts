import { signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import type { Panel } from './address.js'
import type { Table } from './table/table.js'

/** The panels beside the table, or briefly in its place. */
export type Beside = Readonly<Record<Panel, ComponentType<{ readonly table: Table }>>>

/** `null` until its script is loaded. */
export const beside = signal<Beside | null>(null)

/** It was requested, but its script could not be loaded. */
export const isBesideMissing = signal(false)
