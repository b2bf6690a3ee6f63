# The version is pinned; to pin the exact bytes as well, pass the digest that this prints:
#   docker buildx imagetools inspect node:24.21.0-bookworm-slim --format '{{.Manifest.Digest}}'
#   docker build --build-arg NODE_IMAGE=node@sha256:… .
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# To use your own registry: docker build --secret id=npmrc,src=$HOME/.npmrc .
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY machines machines
COPY src src
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM ${NODE_IMAGE}
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="MagnaPP" \
      org.opencontainers.image.description="Planning poker in real time: REST in, Server-Sent Events out" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}"
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=8000
# All files belong to root and are only read: the image runs with --read-only and needs no volume.
WORKDIR /app
COPY LICENSE package.json ./
COPY docs/statecharts docs/statecharts
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
# The base image's user "node", by number, so that an orchestrator sees that it is not root.
USER 1000:1000
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=5s --retries=3 \
  CMD ["node", "dist/magnapp.cjs", "health"]
# The process handles signals itself and has no children, so it may run as PID 1.
ENTRYPOINT ["node", "dist/magnapp.cjs"]
CMD ["serve"]
