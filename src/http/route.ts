import type { Request, Response } from 'express'
import type * as z from 'zod'
import type { UserId } from '../../machines/ids.js'
import type { KnownMark, Mark } from '../runtime/marks.js'
import type { SessionHost } from '../runtime/session-host.js'
import type { RouteName, Routes } from '../wire/routes.js'
import type { Execute } from './execute.js'
import type { MadeIds } from './idempotency/derived-ids.js'
import type { SeatToken } from './idempotency/seat-token.js'
import type { Services } from './services.js'
import type { SharedJson } from './shared-json.js'

type Route<Name extends RouteName> = Routes[Name]

type BodyOf<Name extends RouteName> = Route<Name>['body'] extends z.ZodType
  ? z.output<Route<Name>['body']>
  : undefined

/** The actor, on routes that require one. */
type Actor<Name extends RouteName> = Route<Name>['identity'] extends string ? { readonly by: UserId } : object

/** The session, on routes with one in their path. */
type Target<Name extends RouteName> = Route<Name>['path'] extends `${string}{session_id}${string}`
  ? { readonly host: SessionHost; readonly execute: Execute<RouteAnswer<Name>> }
  : object

/** The ids in the path, besides the session's. */
type ParamsOf<Name extends RouteName> =
  Route<Name> extends { readonly params: infer Params }
    ? {
        readonly params: {
          readonly [Key in keyof Params]: Params[Key] extends {
            readonly schema: infer Schema extends z.ZodType
          }
            ? z.output<Schema>
            : never
        }
      }
    : object

/** A request that has passed all checks of the route table. */
export type RouteInput<Name extends RouteName> = {
  readonly services: Services
  readonly request: Request
  readonly response: Response
  readonly query: z.output<Route<Name>['query']>
  readonly body: BodyOf<Name>
  /** Creates new ids: the same ones for the same key, if sessions outlive the process. */
  readonly ids: MadeIds
  /** Accompanies a repeatable command. */
  readonly mark: Mark | undefined
  /** Set if the command was executed before and only needs an answer; otherwise `null`. */
  readonly carriedOut: KnownMark | null
  /** Creates the token of a new seat. */
  readonly seatToken: SeatToken
  /** Answers later, if a handler cannot do so at once. @param status - default: the route's own */
  readonly reply: (value: RouteOutput<Name>, status?: number) => void
  /** Answers later with an error. */
  readonly fail: (error: unknown) => void
  /** Another process has executed it meanwhile: the request must be looked at again, as a repetition. */
  readonly again: () => void
} & Actor<Name> &
  ParamsOf<Name> &
  Target<Name>

/** The route's answer before it becomes JSON; `never` if it is not JSON. */
export type RouteOutput<Name extends RouteName> = Route<Name>['success']['schema'] extends z.ZodType
  ? Unchanged<z.input<Route<Name>['success']['schema']>>
  : never

/** The route's answer, or the same as JSON that is shared by all who ask. */
type RouteAnswer<Name extends RouteName> = RouteOutput<Name> | SharedJson<Extract<RouteOutput<Name>, object>>

/** Values that are only serialised are never changed. */
type Unchanged<Value> = unknown extends Value
  ? Value
  : Value extends string | number | boolean | null | undefined
    ? Value
    : { readonly [Key in keyof Value]: Unchanged<Value[Key]> }

/**
 * Handles one route. It throws `WireError` for every answer but success. `undefined`: it replies later, or
 * has answered by itself (with a stream, or something other than JSON).
 */
export type Handler<Name extends RouteName> = (input: RouteInput<Name>) => RouteAnswer<Name> | undefined

export type Handlers = { readonly [Name in RouteName]: Handler<Name> }
