# Made by `slipway release dockerfile` for node.
FROM docker.io/library/node:22.20.0-trixie-slim AS base
ENV NEXT_TELEMETRY_DISABLED="1" npm_config_cache="/tmp/npm" npm_config_update_notifier="false"
WORKDIR /app

FROM base AS dependencies
COPY ["package.json", "package-lock.json", "./"]
RUN --mount=type=secret,id=authorities \
    if [ -s /run/secrets/authorities ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/authorities npm_config_cafile=/run/secrets/authorities; fi \
 && npm ci --omit=dev \
 && mkdir -p node_modules

FROM base AS whole
COPY ["package.json", "package-lock.json", "./"]
RUN --mount=type=secret,id=authorities \
    if [ -s /run/secrets/authorities ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/authorities npm_config_cafile=/run/secrets/authorities; fi \
 && npm ci \
 && mkdir -p node_modules
COPY [".", "."]

FROM whole AS test
ENV CI="true"
RUN ["npm", "test"]

FROM base
ENV HOME="/tmp" NODE_ENV="production" PORT="3000"
COPY [".", "."]
COPY --from=dependencies ["/app/node_modules", "./node_modules"]
USER 1000
EXPOSE 3000
CMD ["node", "server.js"]
