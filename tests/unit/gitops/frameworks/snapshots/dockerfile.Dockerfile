# A repository's own Dockerfile is taken as it is; a stage named `test` is its tests.
FROM python:3.13.5-slim-trixie AS base
WORKDIR /srv
COPY index.html .

FROM base AS test
RUN grep -q dockerfile index.html

FROM base
USER 1000
EXPOSE 8080
CMD ["sh", "-c", "exec python -m http.server \"$PORT\""]
