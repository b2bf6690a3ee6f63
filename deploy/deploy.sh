#!/usr/bin/env bash
# usage: deploy/deploy.sh [TAG] [production|development]
#
# production (what happens without the word): builds the image magnapp/backend:TAG (latest), starts it,
# waits until it is healthy; otherwise puts the image back that ran before. Sessions are in Valkey, and
# outlive a deployment (docs/upgrade.md).
# development: starts the sources in a container (compose.yml) and waits until they serve.
#
#   HEALTHY_SECONDS_MAX   how long the server may take to get healthy (60; 600 for development)
#
# Exit codes: 0 deployed; 1 not deployed, and what ran before runs again, or nothing did; 2 somebody
# has to look: what ran before, or nginx, does not get healthy; 64 a word or a file is wrong or missing.
set -euo pipefail
cd "$(dirname "$0")"
TAG="${1:-latest}"
ENVIRONMENT="${2:-production}"
REPOSITORY=magnapp/backend
IMAGE="$REPOSITORY:$TAG"
PREVIOUS="$REPOSITORY:previous"
SECONDS_BETWEEN=5
FILE=compose.production.yml

say() { echo "deploy: $1"; }

wrong() {
  say "$1" >&2
  exit 64
}

compose() { docker compose --file "$FILE" "$@"; }

# Whether the server passes its own health check in time.
is_healthy() {
  local attempt attempts container state
  attempts=$(((HEALTHY_SECONDS_MAX + SECONDS_BETWEEN - 1) / SECONDS_BETWEEN))
  say "waiting for the server to be ready"
  for ((attempt = 1; attempt <= attempts; attempt += 1)); do
    container="$(compose ps --all --quiet magnapp)"
    state="$(docker inspect --format '{{.State.Status}}' "$container")" || state=gone
    if [ "$state" != running ]; then
      say "magnapp is $state"
      return 1
    fi
    echo "Health check attempt $attempt/$attempts..."
    compose exec -T magnapp node dist/magnapp.cjs health && return 0
    sleep "$SECONDS_BETWEEN"
  done
  say "magnapp is not healthy after $HEALTHY_SECONDS_MAX seconds"
  return 1
}

# nginx has no program to ask: its container's own check says.
is_nginx_healthy() {
  local second container state
  for ((second = 0; second < HEALTHY_SECONDS_MAX; second += 1)); do
    container="$(compose ps --all --quiet nginx)"
    state="$(docker inspect --format '{{.State.Status}} {{.State.Health.Status}}' "$container")" || state=gone
    case "$state" in
      "running healthy") return 0 ;;
      "running starting") sleep 1 ;;
      *)
        say "nginx is $state"
        return 1
        ;;
    esac
  done
  say "nginx is not healthy after $HEALTHY_SECONDS_MAX seconds"
  return 1
}

# nginx looks the server's address up when it reads its file, and a new container may have a new one.
# An nginx.conf that an editor wrote anew is seen by a container only after its next start.
# A file that it does not take is found out first, by another one: the one that runs goes on meanwhile.
serve() {
  if ! compose run --rm --no-deps -T nginx nginx -t; then
    say "the server is up, but nginx does not take nginx.conf; if one runs it has been left alone"
    exit 2
  fi
  compose up --detach --no-deps nginx
  if ! compose exec -T nginx cat /etc/nginx/nginx.conf | cmp -s - nginx.conf ||
    ! compose exec -T nginx nginx -s reload; then
    compose restart nginx
  fi
  is_nginx_healthy && return
  compose logs --no-log-prefix --tail 50 nginx || true
  say "the server is up, but nginx is not"
  exit 2
}

# The tags stand for what runs.
tag_running() {
  docker tag "$1" "$IMAGE"
  [ "$TAG" = latest ] || docker tag "$1" "$REPOSITORY:latest"
}

roll_back() {
  compose logs --no-log-prefix --tail 50 magnapp || true
  if [ -z "$running" ]; then
    compose stop magnapp
    say "failed; nothing ran before, and nothing runs now"
    exit 1
  fi
  tag_running "$running"
  compose up --detach --no-build --no-deps magnapp
  if ! is_healthy; then
    say "failed, and what ran before does not get healthy either"
    exit 2
  fi
  serve
  say "failed; what ran before runs again"
  exit 1
}

deploy_production() {
  # The key is for nginx in its container to read, not for whoever deploys.
  for file in "$MAGNAPP_ENV_FILE" nginx.conf ssl/magnapp.crt ssl/magnapp.key; do
    [ -e "$file" ] || wrong "deploy/$file is missing; docs/deploy.md says what belongs there"
  done
  say "pre-deployment checks passed"

  local container version
  container="$(compose ps --quiet magnapp)"
  running=""
  [ -z "$container" ] || running="$(docker inspect --format '{{.Image}}' "$container")"

  version="$(sed -n 's/^  "version": "\(.*\)",$/\1/p' ../package.json)"
  compose build --build-arg "VERSION=$version" magnapp
  say "built $IMAGE, version $version"
  if ! compose run --rm --no-deps -T magnapp --print-config >/dev/null; then
    say "failed; the new version does not take $MAGNAPP_ENV_FILE, and nothing that runs was touched"
    exit 1
  fi
  # The same image once more, with other settings, leaves the one before it where it is.
  if [ -n "$running" ] && [ "$running" != "$(docker inspect --format '{{.Id}}' "$IMAGE")" ]; then
    docker tag "$running" "$PREVIOUS"
  fi
  # It goes on as it is, unless the compose file asks for another one.
  if ! compose up --detach valkey; then
    say "failed; Valkey does not start, and the server that runs was not touched"
    exit 1
  fi
  compose up --detach --no-build --no-deps magnapp || roll_back
  is_healthy || roll_back
  [ "$TAG" = latest ] || docker tag "$IMAGE" "$REPOSITORY:latest"
  serve
  local url
  url="$(sed -n 's/^PUBLIC_URL=//p' "$MAGNAPP_ENV_FILE" | tail -n 1)"
  summary "${url:-https://localhost}"
}

deploy_development() {
  say "pre-deployment checks passed"
  compose down || true
  compose up --detach
  if ! is_healthy; then
    compose logs --no-log-prefix --tail 50 magnapp || true
    say "failed; the server is not healthy"
    exit 1
  fi
  IMAGE="the sources"
  summary http://localhost:8000
}

summary() {
  cat <<END

Deployment Summary
==================
Image: $IMAGE
Environment: $ENVIRONMENT
Status: RUNNING
URL: $1
Health: $1/health
Docs: $1/docs
END
}

[ $# -le 2 ] || wrong "usage: deploy/deploy.sh [TAG] [production|development]"
[[ "$TAG" =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$ ]] || wrong "$TAG is no tag of an image"
echo "MagnaPP Planning Poker Deployment"
echo "Deploying version: $TAG"
echo "Environment: $ENVIRONMENT"
if ! docker info >/dev/null 2>&1; then
  say "Docker is not running"
  exit 1
fi
case "$ENVIRONMENT" in
  production)
    HEALTHY_SECONDS_MAX="${HEALTHY_SECONDS_MAX:-60}"
    # Where people who know the owner's plan put it.
    MAGNAPP_ENV_FILE=env.production
    [ -e env.production ] || [ ! -e ../.env.prod ] || MAGNAPP_ENV_FILE=../.env.prod
    MAGNAPP_TAG="$TAG"
    export MAGNAPP_ENV_FILE MAGNAPP_TAG
    deploy_production
    ;;
  development)
    HEALTHY_SECONDS_MAX="${HEALTHY_SECONDS_MAX:-600}"
    FILE=compose.yml
    deploy_development
    ;;
  *) wrong "$ENVIRONMENT is neither production nor development" ;;
esac
