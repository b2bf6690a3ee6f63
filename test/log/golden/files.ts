import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { SEMANTICS } from '../../../machines/session/semantics.js'
import { PERSISTED_SHAPE } from '../../../src/runtime/persisted-session.js'
import type { Line } from './replay.js'
import { SESSIONS } from './sessions.js'

/*
 * The record: `semantics-1/meeting.jsonl` has a session's entries, one per line, and
 * `semantics-1/meeting.shape-1.txt` has snapshots of it, also one per line. A number's folder is removed when
 * it is no longer served, the snapshots of a shape when it is no longer read.
 */

/** A recorded session. */
export interface Golden {
  readonly semantics: number
  readonly name: string
  readonly lines: readonly Line[]
  readonly snapshots: readonly { readonly shape: number; readonly texts: readonly string[] }[]
}

/** Everything recorded in a folder. */
export function recorded(folder: string): readonly Golden[] {
  return readdirSync(folder).flatMap((semantics) => {
    const number = /^semantics-(\d+)$/.exec(semantics)?.[1]
    if (number === undefined) return []
    const files = readdirSync(join(folder, semantics))
    const linesOf = (file: string) =>
      readFileSync(join(folder, semantics, file), 'utf8')
        .split('\n')
        .filter(Boolean)
    return files.flatMap((file) => {
      const name = /^(.+)\.jsonl$/.exec(file)?.[1]
      if (name === undefined) return []
      const snapshots = files.flatMap((other) => {
        const shape = other.startsWith(`${name}.`) ? /\.shape-(\d+)\.txt$/.exec(other)?.[1] : undefined
        return shape === undefined ? [] : [{ shape: Number(shape), texts: linesOf(other) }]
      })
      const lines = linesOf(file).map((line): Line => JSON.parse(line))
      return [{ semantics: Number(number), name, lines, snapshots }]
    })
  })
}

/** What this release would record: texts by their paths in the folder. */
export function fresh(): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  for (const [name, play] of Object.entries(SESSIONS)) {
    const { lines, snapshots } = play()
    const path = `semantics-${SEMANTICS.max}/${name}`
    texts.set(`${path}.jsonl`, textOf(lines.map((line) => JSON.stringify(line))))
    if (snapshots.length > 0) texts.set(`${path}.shape-${PERSISTED_SHAPE}.txt`, textOf(snapshots))
  }
  return texts
}

/**
 * Records what is not recorded yet.
 * @param mayChange - whether existing files may change
 * @returns the paths of existing files that differ; if there are any that may not change, nothing is written
 */
export function record(
  folder: string,
  texts: ReadonlyMap<string, string>,
  mayChange: boolean,
): readonly string[] {
  const pathOf = (path: string) => join(folder, path)
  const isThere = (path: string) => existsSync(pathOf(path))
  const news = [...texts].filter(
    ([path, text]) => !isThere(path) || readFileSync(pathOf(path), 'utf8') !== text,
  )
  const changed = news.map(([path]) => path).filter(isThere)
  if (changed.length > 0 && !mayChange) return changed
  for (const [path, text] of news) {
    mkdirSync(dirname(pathOf(path)), { recursive: true })
    writeFileSync(pathOf(path), text)
  }
  return changed
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}
