# Made by `slipway release dockerfile` for python.
FROM docker.io/library/python:3.13.5-slim-trixie AS base
ENV PIP_DISABLE_PIP_VERSION_CHECK="1" PIP_NO_CACHE_DIR="1" PYTHONDONTWRITEBYTECODE="1" PYTHONUNBUFFERED="1"
WORKDIR /app

FROM base AS dependencies
RUN python -m venv /venv
ENV PATH="/venv/bin:$PATH" VIRTUAL_ENV="/venv"
COPY ["requirements.txt", "./"]
RUN --mount=type=secret,id=authorities \
    if [ -s /run/secrets/authorities ]; then export PIP_CERT=/run/secrets/authorities SSL_CERT_FILE=/run/secrets/authorities REQUESTS_CA_BUNDLE=/run/secrets/authorities; fi \
 && pip install --requirement requirements.txt

FROM dependencies AS test
COPY ["requirements-dev.txt", "/development.txt"]
RUN --mount=type=secret,id=authorities \
    if [ -s /run/secrets/authorities ]; then export PIP_CERT=/run/secrets/authorities SSL_CERT_FILE=/run/secrets/authorities REQUESTS_CA_BUNDLE=/run/secrets/authorities; fi \
 && pip install --requirement /development.txt
COPY [".", "."]
RUN ["python", "-m", "pytest"]

FROM base
COPY --from=dependencies ["/venv", "/venv"]
ENV PATH="/venv/bin:$PATH" VIRTUAL_ENV="/venv" HOME="/tmp" PORT="8000"
COPY [".", "."]
USER 1000
EXPOSE 8000
CMD ["python", "main.py"]
