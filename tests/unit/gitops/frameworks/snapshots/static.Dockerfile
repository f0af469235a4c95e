# Made by `slipway release dockerfile` for static.
FROM docker.io/nginxinc/nginx-unprivileged:1.29.1-alpine AS configuration
RUN printf '%s\n' 'server {' '    listen 8080;' '    root /usr/share/nginx/html;' '}' > /tmp/default.conf

FROM docker.io/nginxinc/nginx-unprivileged:1.29.1-alpine
COPY --from=configuration ["/tmp/default.conf", "/etc/nginx/conf.d/default.conf"]
COPY [".", "/usr/share/nginx/html/"]
USER 1000
EXPOSE 8080
CMD ["nginx", "-g", "daemon off;"]
