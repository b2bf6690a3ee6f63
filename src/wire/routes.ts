import { ESTIMATION_ROUTES } from './estimation-routes.js'
import { healthViews } from './health.js'
import * as requests from './requests.js'
import * as responses from './responses.js'
import {
  COMMAND_BYTES_MAX,
  command,
  question,
  RECONNECT_BYTES_MAX,
  type RouteDefinition,
} from './route-definition.js'
import { stale, userId } from './scalars.js'
import { reconnectBody, reconnectResponseView } from './sync.js'
import { roundView, sessionView } from './views.js'

/**
 * Every route (contract section 5): this one table both validates and documents the requests. It is
 * long because it holds all of them.
 */
export const ROUTES = {
  createSession: {
    method: 'post',
    path: '/api/sessions',
    summary: 'Create a session and lead it',
    tag: 'sessions',
    identity: null,
    query: requests.noQuery,
    body: requests.createSessionBody,
    avatar: 'creator_avatar',
    bodyBytesMax: COMMAND_BYTES_MAX,
    success: { status: 201, schema: responses.createdView },
    errors: ['MAX_SESSIONS_REACHED', 'ROOM_TAKEN'],
  },
  listSessions: {
    ...question,
    path: '/api/sessions',
    summary: 'List the sessions',
    tag: 'sessions',
    success: { status: 200, schema: responses.sessionsView },
    errors: [],
  },
  getSession: {
    ...question,
    path: '/api/sessions/{session_id}',
    summary: 'Get a session',
    tag: 'sessions',
    success: { status: 200, schema: sessionView },
    errors: ['SESSION_NOT_FOUND'],
  },
  joinSession: {
    method: 'post',
    path: '/api/sessions/{session_id}/join',
    summary: 'Take a seat',
    tag: 'sessions',
    identity: null,
    query: requests.noQuery,
    body: requests.joinSessionBody,
    avatar: 'user_avatar',
    bodyBytesMax: COMMAND_BYTES_MAX,
    success: { status: 201, schema: responses.joinedView },
    errors: ['SESSION_NOT_FOUND', 'SESSION_FULL'],
  },
  leaveSession: {
    ...command,
    path: '/api/sessions/{session_id}/leave',
    summary: 'Leave the session',
    tag: 'sessions',
    errors: ['USER_NOT_FOUND'],
  },
  endSession: {
    ...command,
    method: 'delete',
    path: '/api/sessions/{session_id}',
    summary: 'End the session',
    tag: 'sessions',
    errors: [],
  },
  pauseSession: {
    ...command,
    path: '/api/sessions/{session_id}/pause',
    summary: 'Pause the session',
    tag: 'sessions',
    errors: ['SESSION_STATE_CONFLICT'],
  },
  resumeSession: {
    ...command,
    path: '/api/sessions/{session_id}/resume',
    summary: 'Resume the session',
    tag: 'sessions',
    errors: ['SESSION_STATE_CONFLICT'],
  },
  extendSession: {
    ...command,
    path: '/api/sessions/{session_id}/extend',
    summary: 'Postpone the expiry',
    tag: 'sessions',
    success: { status: 200, schema: responses.extendedView },
    errors: [],
  },
  startRound: {
    ...command,
    path: '/api/sessions/{session_id}/start',
    summary: 'Start a round',
    tag: 'voting',
    body: requests.startBody,
    success: { status: 200, schema: responses.startedView },
    errors: [
      'VOTING_ERROR',
      'SESSION_STATE_CONFLICT',
      'GRACE_PERIOD_ERROR',
      'NETWORK_PARTITION',
      'STORY_NOT_FOUND',
    ],
  },
  castVote: {
    ...command,
    path: '/api/sessions/{session_id}/vote',
    summary: 'Vote, or change a vote',
    tag: 'voting',
    body: requests.voteBody,
    errors: ['VOTING_ERROR', 'SESSION_STATE_CONFLICT', 'GRACE_PERIOD_ERROR', 'NETWORK_PARTITION'],
  },
  revealVotes: {
    ...command,
    path: '/api/sessions/{session_id}/reveal',
    summary: 'Reveal the votes',
    tag: 'voting',
    success: { status: 200, schema: responses.revealedView },
    errors: ['VOTING_ERROR', 'SESSION_STATE_CONFLICT', 'GRACE_PERIOD_ERROR', 'NETWORK_PARTITION'],
  },
  getRound: {
    ...question,
    path: '/api/sessions/{session_id}/round',
    summary: 'Get the current round',
    tag: 'voting',
    success: { status: 200, schema: roundView.extend({ stale }).nullable() },
    errors: ['SESSION_NOT_FOUND'],
  },
  kickParticipant: {
    ...command,
    path: '/api/sessions/{session_id}/kick/{user_id}',
    params: { user_id: { schema: userId, unknown: 'USER_NOT_FOUND' } },
    summary: 'Remove a participant',
    tag: 'participants',
    identity: 'kicker_id',
    query: requests.kickQuery,
    errors: ['USER_NOT_FOUND'],
  },
  transferLeadership: {
    ...command,
    path: '/api/sessions/{session_id}/transfer',
    summary: 'Hand over the Scrum Master role',
    tag: 'participants',
    identity: 'current_master_id',
    query: requests.transferQuery,
    errors: ['USER_NOT_FOUND'],
  },
  reconnect: {
    ...command,
    path: '/api/sessions/{session_id}/reconnect',
    summary: 'Come back and catch up',
    tag: 'participants',
    body: reconnectBody,
    bodyBytesMax: RECONNECT_BYTES_MAX,
    success: { status: 200, schema: reconnectResponseView },
    errors: ['USER_NOT_FOUND'],
  },
  stream: {
    ...question,
    path: '/api/sse/{session_id}',
    summary: "Stream the session's events as Server-Sent Events",
    tag: 'events',
    query: requests.streamQuery,
    success: { status: 200, schema: null, mediaType: 'text/event-stream' },
    errors: ['SESSION_NOT_FOUND', 'AUTHENTICATION_REQUIRED', 'UNAUTHORIZED', 'USER_NOT_FOUND'],
  },
  pollEvents: {
    ...question,
    path: '/api/sessions/{session_id}/events',
    summary: "Long-poll the session's events",
    tag: 'events',
    query: requests.eventsQuery,
    success: { status: 200, schema: responses.eventsView },
    errors: ['SESSION_NOT_FOUND', 'AUTHENTICATION_REQUIRED', 'UNAUTHORIZED'],
  },
  ...ESTIMATION_ROUTES,
  optimizeMobile: {
    ...command,
    path: '/api/mobile/{session_id}/optimize',
    summary: 'Adapt your streams to a phone',
    tag: 'mobile',
    query: requests.optimizeQuery,
    success: { status: 200, schema: responses.optimizedView },
    errors: ['MOBILE_OPTIMIZATION_ERROR'],
  },
  heartbeat: {
    ...command,
    method: 'get',
    path: '/api/mobile/{session_id}/heartbeat',
    summary: 'Say that you are still there',
    tag: 'mobile',
    success: { status: 200, schema: responses.heartbeatView },
    errors: [],
  },
  touchVote: {
    ...command,
    path: '/api/mobile/{session_id}/touch-vote',
    summary: 'Vote by touch',
    tag: 'mobile',
    body: requests.touchVoteBody,
    success: { status: 200, schema: responses.touchVotedView },
    errors: ['VOTING_ERROR', 'SESSION_STATE_CONFLICT', 'GRACE_PERIOD_ERROR', 'NETWORK_PARTITION'],
  },
  health: {
    ...question,
    path: '/health',
    summary: 'Whether the server works',
    tag: 'health',
    success: { status: 200, schema: responses.healthView },
    errors: [],
  },
  live: {
    ...question,
    path: '/livez',
    summary: 'Whether the process is alive',
    tag: 'health',
    success: { status: 200, schema: responses.liveView },
    errors: [],
  },
  ready: {
    ...question,
    path: '/readyz',
    summary: 'Whether the server accepts requests',
    tag: 'health',
    success: { status: 200, schema: responses.readyView },
    errors: ['SERVICE_UNAVAILABLE'],
  },
  healthStatus: {
    ...question,
    path: '/api/health/status',
    summary: "The server's health in detail",
    tag: 'health',
    success: {
      status: 200,
      get schema() {
        return healthViews().status
      },
      badStatus: 503,
    },
    errors: [],
  },
  healthMetrics: {
    ...question,
    path: '/api/health/metrics',
    summary: "The server's metrics",
    tag: 'health',
    success: {
      status: 200,
      get schema() {
        return healthViews().metrics
      },
    },
    errors: [],
  },
  healthCapacity: {
    ...question,
    path: '/api/health/capacity',
    summary: 'The number of sessions and the limit',
    tag: 'health',
    success: {
      status: 200,
      get schema() {
        return healthViews().capacity
      },
    },
    errors: [],
  },
  healthChecks: {
    ...question,
    method: 'post',
    path: '/api/health/checks',
    summary: 'Run the health checks now',
    tag: 'health',
    success: {
      status: 200,
      get schema() {
        return healthViews().checks
      },
    },
    errors: [],
  },
  metrics: {
    ...question,
    path: '/metrics',
    summary: "The server's metrics for Prometheus",
    tag: 'health',
    success: { status: 200, schema: null, mediaType: 'text/plain' },
    errors: ['NOT_FOUND'],
  },
} as const satisfies Record<string, RouteDefinition>

export type Routes = typeof ROUTES
export type RouteName = keyof Routes

const isRouteName = (name: string): name is RouteName => name in ROUTES

/** The names of all routes, in the table's order. */
export const ROUTE_NAMES: readonly RouteName[] = Object.keys(ROUTES).filter(isRouteName)
