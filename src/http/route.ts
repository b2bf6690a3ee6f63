import type { Request, Response } from 'express'
import type * as z from 'zod'
import type { UserId } from '../../machines/ids.js'
import type { SessionHost } from '../runtime/session-host.js'
import type { RouteName, Routes } from '../wire/routes.js'
import type { KnownMark, Mark } from '../runtime/marks.js'
import type { MadeIds } from './idempotency/derived-ids.js'
import type { SeatToken } from './idempotency/seat-token.js'
import type { Execute } from './execute.js'
import type { Services } from './services.js'

type Route<Name extends RouteName> = Routes[Name]

type BodyOf<Name extends RouteName> = Route<Name>['body'] extends z.ZodType
  ? z.output<Route<Name>['body']>
  : undefined

/** Who acts, on the routes where that must be proved. */
type Actor<Name extends RouteName> = Route<Name>['identity'] extends string ? { readonly by: UserId } : object

/** The session, on the routes whose path names one. */
type Target<Name extends RouteName> = Route<Name>['path'] extends `${string}{session_id}${string}`
  ? { readonly host: SessionHost; readonly execute: Execute<RouteOutput<Name>> }
  : object

/** The ids in the path, beside the session's. */
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

/** A request that has passed everything that the route table says of it. */
export type RouteInput<Name extends RouteName> = {
  readonly services: Services
  readonly request: Request
  readonly response: Response
  readonly query: z.output<Route<Name>['query']>
  readonly body: BodyOf<Name>
  /** Makes what is new: the same again for the same key, where sessions outlive the process. */
  readonly ids: MadeIds
  /** Goes with the command that may be repeated. */
  readonly mark: Mark | undefined
  /** It was carried out before, and is only answered; `null`: it was not. */
  readonly carriedOut: KnownMark | null
  /** Makes the token of a seat that is taken. */
  readonly seatToken: SeatToken
  /** Answers, when a handler cannot at once. @param status - default: the route's own */
  readonly reply: (value: RouteOutput<Name>, status?: number) => void
  /** Answers with an error that comes later. */
  readonly fail: (error: unknown) => void
  /** It was carried out by another process meanwhile: the request is looked at anew, as a repetition. */
  readonly again: () => void
} & Actor<Name> &
  ParamsOf<Name> &
  Target<Name>

/** What the route answers, before it is JSON; `never` where it is no JSON. */
export type RouteOutput<Name extends RouteName> = Route<Name>['success']['schema'] extends z.ZodType
  ? Unchanged<z.input<Route<Name>['success']['schema']>>
  : never

/** Nobody changes what is only written down. */
type Unchanged<Value> = unknown extends Value
  ? Value
  : Value extends string | number | boolean | null | undefined
    ? Value
    : { readonly [Key in keyof Value]: Unchanged<Value[Key]> }

/**
 * Answers one route. It throws `WireError` for every answer but success. `undefined`: it replies later, or
 * has answered by itself (a stream, an answer that is no JSON).
 */
export type Handler<Name extends RouteName> = (input: RouteInput<Name>) => RouteOutput<Name> | undefined

export type Handlers = { readonly [Name in RouteName]: Handler<Name> }
