import { WireError } from '../wire/errors.js'

/** The parts of a path that a route's `{names}` stand for, decoded. */
export type PathParameters = Readonly<Record<string, string>>

/** What an address leads to: a route, or the methods that it has instead. */
export type Found<Route> =
  | { readonly type: 'route'; readonly route: Route; readonly parameters: PathParameters }
  | { readonly type: 'other_methods'; readonly methods: readonly string[] }

interface Node<Route> {
  readonly children: Map<string, Node<Route>>
  /** What stands here whatever the segment is, and what the segment is called. */
  any: { readonly name: string; readonly node: Node<Route> } | null
  readonly byMethod: Map<string, Route>
}

/**
 * Routes by method and path, as a tree of path segments: finding one takes as long as its path, however
 * many there are. A path is the same with and without a slash at its end; `HEAD` finds what `GET` does.
 */
export class RouteIndex<Route> {
  readonly #root: Node<Route> = emptyNode()

  /** @param path - in OpenAPI's form: `/api/sessions/{session_id}` */
  add(method: string, path: string, route: Route): void {
    let node = this.#root
    for (const segment of path.slice(1).split('/')) {
      const name = /^\{(\w+)\}$/.exec(segment)?.[1]
      node = name === undefined ? childOf(node, segment) : anyOf(node, name)
    }
    node.byMethod.set(method.toUpperCase(), route)
  }

  /**
   * @param path - without the query
   * @returns `null`: no route has this path
   * @throws {WireError} `MALFORMED_REQUEST` for an escape that decodes to nothing
   */
  find(method: string, path: string): Found<Route> | null {
    const end = path.length > 1 && path.endsWith('/') ? path.length - 1 : path.length
    const parameters: Record<string, string> = {}
    let node: Node<Route> | undefined = this.#root
    for (let from = 1; from <= end; ) {
      const slash = path.indexOf('/', from)
      const to = slash < 0 || slash > end ? end : slash
      const segment = path.slice(from, to)
      from = to + 1
      const child: Node<Route> | undefined = node.children.get(segment)
      if (child === undefined && node.any !== null && segment !== '') {
        parameters[node.any.name] = segment.includes('%') ? decoded(segment) : segment
        node = node.any.node
      } else {
        node = child
      }
      if (node === undefined) return null
    }
    const { byMethod } = node
    const route = byMethod.get(method === 'HEAD' ? 'GET' : method)
    if (route !== undefined) return { type: 'route', route, parameters }
    if (byMethod.size === 0) return null
    const methods = [...byMethod.keys()].flatMap((known) => (known === 'GET' ? ['GET', 'HEAD'] : [known]))
    return { type: 'other_methods', methods }
  }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new WireError('MALFORMED_REQUEST')
  }
}

function emptyNode<Route>(): Node<Route> {
  return { children: new Map(), any: null, byMethod: new Map() }
}

function childOf<Route>(node: Node<Route>, segment: string): Node<Route> {
  const known = node.children.get(segment)
  if (known !== undefined) return known
  const child = emptyNode<Route>()
  node.children.set(segment, child)
  return child
}

function anyOf<Route>(node: Node<Route>, name: string): Node<Route> {
  node.any ??= { name, node: emptyNode<Route>() }
  if (node.any.name !== name) throw new Error(`a path names {${node.any.name}} and {${name}} in one place`)
  return node.any.node
}
