#!/usr/bin/env bash
# usage: deploy/deploy.sh
# Builds the image, starts it, waits until it is healthy; otherwise puts the image back that ran
# before. Sessions are in memory: a deployment ends them (docs/upgrade.md).
#
#   HEALTHY_SECONDS_MAX   how long the server may take to get healthy (60)
#
# Exit codes: 0 deployed; 1 not deployed, and what ran before runs again, or nothing did; 2 somebody
# has to look: what ran before, or nginx, does not get healthy; 64 a file is missing.
set -euo pipefail
cd "$(dirname "$0")"
HEALTHY_SECONDS_MAX="${HEALTHY_SECONDS_MAX:-60}"
IMAGE=magnapp:latest
PREVIOUS=magnapp:previous

compose() { docker compose --file compose.production.yml "$@"; }

say() { echo "deploy: $1"; }

# Whether the container of a service gets healthy in time.
is_healthy() {
  local container state
  for ((second = 0; second < HEALTHY_SECONDS_MAX; second += 1)); do
    container="$(compose ps --all --quiet "$1")"
    state="$(docker inspect --format '{{.State.Status}} {{.State.Health.Status}}' "$container")" || state=gone
    case "$state" in
      "running healthy") return 0 ;;
      "running starting") sleep 1 ;;
      *)
        say "$1 is $state"
        return 1
        ;;
    esac
  done
  say "$1 is not healthy after $HEALTHY_SECONDS_MAX seconds"
  return 1
}

# nginx looks the server's address up when it reads its file, and a new container may have a new one.
# An nginx.conf that an editor wrote anew is seen by a container only after its next start.
serve() {
  compose up --detach --no-deps nginx
  if ! compose exec -T nginx cat /etc/nginx/nginx.conf | cmp -s - nginx.conf ||
    ! compose exec -T nginx nginx -s reload; then
    compose restart nginx
  fi
  is_healthy nginx && return
  compose logs --no-log-prefix --tail 20 nginx || true
  say "the server is up, but nginx is not"
  exit 2
}

roll_back() {
  compose logs --no-log-prefix --tail 20 magnapp || true
  if [ -z "$running" ]; then
    compose stop magnapp
    say "failed; nothing ran before, and nothing runs now"
    exit 1
  fi
  docker tag "$PREVIOUS" "$IMAGE"
  compose up --detach --no-build --no-deps magnapp
  if ! is_healthy magnapp; then
    say "failed, and what ran before does not get healthy either"
    exit 2
  fi
  serve
  say "failed; what ran before runs again"
  exit 1
}

for file in env.production nginx.conf tls/fullchain.pem tls/privkey.pem; do
  if [ ! -r "$file" ]; then
    say "deploy/$file is missing; docs/deploy.md says what belongs there" >&2
    exit 64
  fi
done

container="$(compose ps --quiet magnapp)"
running=""
if [ -n "$container" ]; then
  running="$(docker inspect --format '{{.Image}}' "$container")"
  docker tag "$running" "$PREVIOUS"
fi

version="$(sed -n 's/^  "version": "\(.*\)",$/\1/p' ../package.json)"
compose build --build-arg "VERSION=$version" magnapp
say "built $version"
compose up --detach --no-build --no-deps magnapp || roll_back
is_healthy magnapp || roll_back
serve
say "$version is up"
