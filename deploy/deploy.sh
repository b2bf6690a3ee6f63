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
  docker tag "$running" "$IMAGE"
  compose up --detach --no-build --no-deps magnapp
  if ! is_healthy magnapp; then
    say "failed, and what ran before does not get healthy either"
    exit 2
  fi
  serve
  say "failed; what ran before runs again"
  exit 1
}

# The key is for nginx in its container to read, not for whoever deploys.
for file in env.production nginx.conf tls/fullchain.pem tls/privkey.pem; do
  if [ ! -e "$file" ]; then
    say "deploy/$file is missing; docs/deploy.md says what belongs there" >&2
    exit 64
  fi
done

container="$(compose ps --quiet magnapp)"
running=""
[ -z "$container" ] || running="$(docker inspect --format '{{.Image}}' "$container")"

version="$(sed -n 's/^  "version": "\(.*\)",$/\1/p' ../package.json)"
compose build --build-arg "VERSION=$version" magnapp
say "built $version"
if ! compose run --rm --no-deps -T magnapp --print-config >/dev/null; then
  say "failed; the new version does not take env.production, and nothing that runs was touched"
  exit 1
fi
# The same image once more, with other settings, leaves the one before it where it is.
if [ -n "$running" ] && [ "$running" != "$(docker inspect --format '{{.Id}}' "$IMAGE")" ]; then
  docker tag "$running" "$PREVIOUS"
fi
compose up --detach --no-build --no-deps magnapp || roll_back
is_healthy magnapp || roll_back
serve
say "$version is up"
