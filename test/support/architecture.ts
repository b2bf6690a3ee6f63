import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { parseSync } from '@swc/core'

/**
 * A source file (path from the root, with `/`) and what it imports, resolved the same way; packages by name.
 */
export type Graph = ReadonlyMap<string, readonly string[]>

/** What files of each layer may import from other layers. Packages are free outside `machines`. */
export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  machines: [],
  'src/wire': ['machines'],
  'src/sync': ['machines', 'src/wire'],
  'src/platform': ['machines'],
  'src/runtime': ['machines', 'src/wire', 'src/sync', 'src/platform'],
  'src/log': ['machines', 'src/wire', 'src/sync', 'src/platform', 'src/runtime'],
  'src/monitoring': ['machines', 'src/platform', 'src/runtime'],
  'src/http': ['machines', 'src/wire', 'src/sync', 'src/platform', 'src/runtime', 'src/monitoring'],
  'src/client': ['machines', 'src/wire', 'src/sync'],
  'src/web': ['src/wire', 'src/client'],
  'src/terminal': ['machines', 'src/wire'],
  'src/demo': ['machines', 'src/wire', 'src/client', 'src/platform', 'src/terminal'],
  'src/dev': ['machines', 'src/wire', 'src/sync', 'src/platform', 'src/runtime', 'src/http'],
  'src/server.ts': [
    'machines',
    'src/wire',
    'src/sync',
    'src/platform',
    'src/runtime',
    'src/log',
    'src/http',
    'src/dev',
  ],
  'src/cli': [
    'machines',
    'src/wire',
    'src/platform',
    'src/client',
    'src/terminal',
    'src/demo',
    'src/server.ts',
  ],
}

/** The only package that the domain may import. */
const DOMAIN_PACKAGE = 'xstate'

/** Everything in the graph that the architecture forbids, one sentence each. */
export function violations(graph: Graph): string[] {
  const found: string[] = []
  for (const [file, imports] of graph) {
    const layer = layerOf(file)
    if (layer === null) {
      found.push(`${file} is in no layer`)
      continue
    }
    for (const target of imports) {
      const targetLayer = graph.has(target) ? layerOf(target) : null
      if (targetLayer === null) {
        if (layer === 'machines' && target !== DOMAIN_PACKAGE) found.push(`${file} imports ${target}`)
      } else if (targetLayer !== layer && !LAYERS[layer]?.includes(targetLayer)) {
        found.push(`${file} imports ${target}`)
      }
    }
  }
  return [...found, ...cycles(graph).map((cycle) => `cycle: ${cycle.join(' → ')}`)]
}

/** The sources' own graph; type-only and dynamic imports count. */
export function sourceGraph(root: string): Graph {
  const files = ['machines', 'src'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => posix.join(folder, name.replaceAll('\\', '/'))),
  )
  const known = new Set(files)
  return new Map(files.map((file) => [file, importsOf(file, readFileSync(join(root, file), 'utf8'), known)]))
}

function importsOf(file: string, source: string, files: ReadonlySet<string>): string[] {
  const specifiers: string[] = []
  collect(parseSync(source, { syntax: 'typescript', tsx: file.endsWith('.tsx') }).body, specifiers)
  return specifiers.map((specifier) =>
    specifier.startsWith('.') ? sourceOf(file, specifier, files) : specifier,
  )
}

/** What a relative specifier leads to: compiled names stand for `.ts` or `.tsx`. */
function sourceOf(file: string, specifier: string, files: ReadonlySet<string>): string {
  const path = posix.join(dirname(file), specifier)
  const typed = path.replace(/\.js$/, '.ts')
  return files.has(typed) ? typed : path.replace(/\.js$/, '.tsx')
}

/** Every import and export declaration, dynamic import and import type, at any depth of the tree. */
function collect(node: unknown, specifiers: string[]): void {
  if (typeof node !== 'object' || node === null) return
  const members = new Map(Object.entries(node))
  const type = String(members.get('type'))
  const source = members.get('source') ?? (type === 'TsImportType' ? members.get('argument') : undefined)
  if (/^(Import|Export|TsImportType)/.test(type)) specifiers.push(...textOf(source))
  const callee = members.get('callee')
  if (type === 'CallExpression' && textMember(callee, 'type') === 'Import') {
    for (const argument of members.get('arguments')) specifiers.push(...textOf(argument.expression))
  }
  for (const member of members.values()) collect(member, specifiers)
}

function textOf(literal: unknown): string[] {
  const value = textMember(literal, 'value')
  return value === undefined ? [] : [value]
}

function textMember(node: unknown, name: string): string | undefined {
  if (typeof node !== 'object' || node === null) return undefined
  const value = new Map(Object.entries(node)).get(name)
  return typeof value === 'string' ? value : undefined
}

function layerOf(file: string): string | null {
  return Object.keys(LAYERS).find((layer) => file === layer || file.startsWith(`${layer}/`)) ?? null
}

function cycles(graph: Graph): string[][] {
  const found: string[][] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file)
    if (start >= 0) {
      found.push([...path.slice(start), file])
      return
    }
    if (done.has(file)) return
    for (const target of graph.get(file) ?? []) if (graph.has(target)) visit(target, [...path, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  return found
}
