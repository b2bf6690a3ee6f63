#!/usr/bin/env bash
# usage: deploy/deploy.sh [TAG] [production|development]
#
# production (the default): builds the image magnapp/backend:TAG (latest), starts it, and waits until it
# is healthy; otherwise restores the previous image. Sessions are in Valkey and survive a deployment
# (docs/upgrade.md).
# development: starts the sources in a container (compose.yml) and waits until they answer.
#
#   HEALTHY_SECONDS_MAX   how long the server may take to become healthy (60; 600 for development)
#
# Exit codes: 0 deployed; 1 not deployed, and the previous image runs again, if there was one; 2 needs
# attention: the previous image, or nginx, does not become healthy; 64 an argument or a file is wrong or missing.
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

# nginx has no health command: its container's own check decides.
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

# nginx resolves the server's address when it reads its file, and a new container may have a new address.
# A container sees an nginx.conf that an editor has replaced only after its next start.
# An invalid file is detected first, by a second nginx, while the running one continues.
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

# The tags name what is running.
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
  # Only nginx in its container needs to read the key, not the person who deploys.
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
  # Deploying the same image again, with other settings, keeps the previous image.
  if [ -n "$running" ] && [ "$running" != "$(docker inspect --format '{{.Id}}' "$IMAGE")" ]; then
    docker tag "$running" "$PREVIOUS"
  fi
  # It keeps running, unless the compose file has changed it.
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
    # The location named in the owner's plan.
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
