# Build:  docker build -t localsign .
# Run:    docker run --rm -p 127.0.0.1:8480:8480 -e LOCALSIGN_CONTROL_TOKEN=only-on-my-machine localsign
# Keep:   docker run --rm -p 127.0.0.1:8480:8480 -e LOCALSIGN_CONTROL_TOKEN=only-on-my-machine -e LOCALSIGN_DATA_DIR=/data -v localsign:/data localsign

FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY fixtures fixtures
COPY openapi openapi
# The environment gets no pip of its own: the base image's pip fills it from outside.
# Bytecode is compiled here because the container's user cannot write it later, and without
# checking source times, so that copying between stages cannot make it stale.
RUN python -m venv --without-pip /opt/localsign \
    && pip --python /opt/localsign/bin/python install --no-cache-dir --no-compile . \
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/localsign/lib

FROM python:3.12-slim
# /data belongs to the user, and so does a named volume mounted there.
RUN groupadd --gid 10001 localsign \
    && useradd --uid 10001 --gid 10001 --home-dir /data --create-home --shell /usr/sbin/nologin localsign
COPY --from=build /opt/localsign /opt/localsign
ENV PATH=/opt/localsign/bin:$PATH \
    PYTHONUNBUFFERED=1
WORKDIR /data
USER 10001
EXPOSE 8480
# No proxy: the question goes to this very container.
HEALTHCHECK --interval=5s --timeout=3s --start-period=15s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.build_opener(u.ProxyHandler({})).open('http://127.0.0.1:' + os.environ.get('LOCALSIGN_PORT', '8480') + '/_sandbox/health/ready', timeout=2)"]
CMD ["localsign", "serve", "--host", "0.0.0.0"]
