import { signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import type { Panel } from './address.js'
import type { Table } from './table/table.js'

/** What stands beside the table, or in its stead for a moment. */
export type Beside = Readonly<Record<Panel, ComponentType<{ readonly table: Table }>>>

/** `null` until its script is here. */
export const beside = signal<Beside | null>(null)

/** It was asked for, and its script did not come. */
export const isBesideMissing = signal(false)
