import type { Request, Response } from 'express'
import type * as z from 'zod'
import type { UserId } from '../../machines/ids.js'
import type { SessionHost } from '../runtime/session-host.js'
import type { RouteName, Routes } from '../wire/routes.js'
import type { SeatToken } from './idempotency/seat-token.js'
import type { Services } from './services.js'

type Route<Name extends RouteName> = Routes[Name]

type BodyOf<Name extends RouteName> = Route<Name>['body'] extends z.ZodType
  ? z.output<Route<Name>['body']>
  : undefined

/** Who acts, on the routes where that must be proved. */
type Actor<Name extends RouteName> = Route<Name>['identity'] extends string ? { readonly by: UserId } : object

/** The session, on the routes whose path names one. */
type Target<Name extends RouteName> = Route<Name>['path'] extends `${string}{session_id}${string}`
  ? { readonly host: SessionHost }
  : object

/** A request that has passed everything that the route table says of it. */
export type RouteInput<Name extends RouteName> = {
  readonly services: Services
  readonly request: Request
  readonly response: Response
  readonly query: z.output<Route<Name>['query']>
  readonly body: BodyOf<Name>
  /** Makes the token of a seat that is taken. */
  readonly seatToken: SeatToken
} & Actor<Name> &
  Target<Name>

/** What the route answers, before it is JSON; `void` where the handler answers itself (streams, polls). */
export type RouteOutput<Name extends RouteName> = Route<Name>['success']['schema'] extends z.ZodType
  ? z.input<Route<Name>['success']['schema']> | undefined
  : undefined

/** Answers one route. It throws `WireError` for every answer but success; `undefined`: it has answered, or will. */
export type Handler<Name extends RouteName> = (input: RouteInput<Name>) => RouteOutput<Name>

export type Handlers = { readonly [Name in RouteName]: Handler<Name> }
