# Build:  docker build -t localsign .
# Run:    docker run --rm -p 127.0.0.1:8480:8480 -e LOCALSIGN_CONTROL_TOKEN=only-on-my-machine localsign
# docs/container.md has the rest: keeping worlds, seeds, hardening, several containers.

# A registry of your own can say which bytes these are: --build-arg BASE=registry/python@sha256:...
ARG BASE=python:3.12.12-slim-bookworm

FROM ${BASE} AS build
WORKDIR /src
COPY requirements.lock requirements-build.lock ./
# The environment gets no pip of its own: the base image's pip fills it from outside. Every file that is installed
# stands in a lock, with its hash. What only people, compilers and other languages need of it stays behind.
RUN python -m venv --without-pip /opt/localsign \
    && pip install --no-cache-dir --root-user-action=ignore --require-hashes --only-binary :all: -r requirements-build.lock \
    && pip --python /opt/localsign/bin/python install --no-cache-dir --no-compile --require-hashes --only-binary :all: \
       -r requirements.lock \
    && find /opt/localsign/lib -type f \( -name '*.pyi' -o -name '*.pxd' -o -name '*.pyx' -o -name '*.h' -o -name '*.c' \) -delete \
    && find /opt/localsign/lib -type d \( -name tests -o -name testing \) -path '*site-packages*' -prune -exec rm -rf {} + \
    && find /opt/localsign/lib -path '*/babel/locale-data/*' ! -name 'root.dat' ! -name 'en*.dat' -delete
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY fixtures fixtures
COPY openapi openapi
# Bytecode is compiled here because the container's user cannot write it later, and without
# checking source times, so that copying between stages cannot make it stale.
RUN pip wheel --no-cache-dir --no-deps --no-index --no-build-isolation --wheel-dir /src/dist . \
    && pip --python /opt/localsign/bin/python install --no-cache-dir --no-compile --no-deps --no-index /src/dist/*.whl \
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/localsign/lib

FROM ${BASE}
ARG REVISION=unknown
LABEL org.opencontainers.image.title="localsign" \
      org.opencontainers.image.description="A local, offline, stateful emulator of electronic-signing and workflow APIs." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="${REVISION}"
# Images of Python come without the bytecode of its library, which the user cannot keep: every start, and every health
# check, would compile it again.
RUN python -m compileall -q -j 0 --invalidation-mode unchecked-hash \
      -x '/(site-packages|test|idlelib|tkinter|turtledemo|lib2to3|pydoc_data|ensurepip)/' \
      "$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"
# /data belongs to the user, and so does a named volume mounted there. Its group is 0, as platforms that draw a user
# for each container put that one in there.
RUN groupadd --gid 10001 localsign \
    && useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin localsign \
    && install -d -o 10001 -g 0 -m 0770 /data \
    && install -d /etc/localsign/init.d
COPY --from=build /opt/localsign /opt/localsign
ENV PATH=/opt/localsign/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    LOCALSIGN_HOST=0.0.0.0 \
    LOCALSIGN_DATA_DIR=/data \
    LOCALSIGN_INIT_DIR=/etc/localsign/init.d
WORKDIR /data
VOLUME /data
USER 10001
EXPOSE 8480
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=3 CMD ["localsign", "health"]
ENTRYPOINT ["localsign"]
CMD ["serve"]
