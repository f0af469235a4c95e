# Made by `slipway release dockerfile` for spa.
FROM docker.io/library/node:22.20.0-trixie-slim AS base
ENV NEXT_TELEMETRY_DISABLED="1" npm_config_cache="/tmp/npm" npm_config_update_notifier="false"
WORKDIR /app

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

FROM whole AS build
RUN ["npm", "run", "build"]

FROM docker.io/nginxinc/nginx-unprivileged:1.29.1-alpine AS configuration
RUN printf '%s\n' 'server {' '    listen 8080;' '    root /usr/share/nginx/html;' '    error_page 404 =200 /index.html;' '}' > /tmp/default.conf

FROM docker.io/nginxinc/nginx-unprivileged:1.29.1-alpine
COPY --from=configuration ["/tmp/default.conf", "/etc/nginx/conf.d/default.conf"]
COPY --from=build ["/app/dist/", "/usr/share/nginx/html/"]
USER 1000
EXPOSE 8080
CMD ["nginx", "-g", "daemon off;"]
