# Made by `slipway release dockerfile` for go.
FROM docker.io/library/golang:1.24.4-trixie AS source
ENV CGO_ENABLED="0" GOTOOLCHAIN="local"
WORKDIR /src
COPY ["go.mod", "./"]
RUN --mount=type=secret,id=authorities \
    if [ -s /run/secrets/authorities ]; then export SSL_CERT_FILE=/run/secrets/authorities; fi \
 && go mod download
COPY [".", "."]

FROM source AS test
RUN ["go", "test", "./..."]

FROM source AS build
RUN ["go", "build", "-trimpath", "-ldflags=-s -w", "-o", "/app", "."]

FROM scratch
COPY --from=source ["/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs/ca-certificates.crt"]
COPY --from=build ["/app", "/app"]
ENV PORT="8080"
USER 1000
EXPOSE 8080
CMD ["/app"]
