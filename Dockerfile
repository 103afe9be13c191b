# One process type per container, for example:
#   docker run --read-only --tmpfs /tmp:noexec --cap-drop ALL --security-opt no-new-privileges \
#     --volume borgerdialog:/data --volume ./keys.json:/run/secrets/borgerdialog-keys.json:ro --env-file borgerdialog.env --publish 8080:8080 borgerdialog
#
# A release names the base by digest: --build-arg PYTHON_IMAGE=python@sha256:...
ARG PYTHON_IMAGE=python:3.13-slim-bookworm


FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build

# requirements-evaluation.txt also brings what `borgerdialog evaluate` calculates with, and 400 MB.
ARG REQUIREMENTS=requirements.txt
COPY requirements.txt requirements-build.txt requirements-evaluation.txt ./
# http-ece alone comes as source; it is built with the setuptools that is pinned, which the service itself does not keep.
RUN awk '/^setuptools==/,/# via/' requirements-build.txt > setuptools.txt \
    && python -m venv /opt/tools \
    && /opt/tools/bin/pip install --require-hashes --only-binary=:all: --requirement setuptools.txt \
    && /opt/tools/bin/pip install --require-hashes --only-binary=:all: --no-binary=http-ece --no-build-isolation --use-pep517 \
        --requirement requirements-build.txt \
    && python -m venv /opt/borgerdialog \
    && /opt/borgerdialog/bin/pip install --require-hashes --only-binary=:all: --requirement setuptools.txt \
    && /opt/borgerdialog/bin/pip install --require-hashes --only-binary=:all: --no-binary=http-ece --no-build-isolation --use-pep517 \
        --requirement ${REQUIREMENTS}

COPY package.json package-lock.json .npmrc ./
RUN /opt/tools/bin/npm ci --omit=dev --loglevel=error

COPY . .
RUN /opt/tools/bin/python -m tools.copy_front_end \
    && /opt/tools/bin/pip wheel --no-deps --no-build-isolation --wheel-dir wheels . \
    && /opt/borgerdialog/bin/pip install --no-deps wheels/*.whl \
    && /opt/borgerdialog/bin/python -m pip uninstall --yes setuptools pip


FROM ${PYTHON_IMAGE}
# What transcripts are drawn with, and their emoji; the base, named by digest, decides which versions there are.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends fonts-noto-color-emoji libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 borgerdialog \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin borgerdialog \
    && install --directory --owner=borgerdialog --group=borgerdialog --mode=0700 /data
# Owned by root: the service can read its own code and never change it.
COPY --from=build /opt/borgerdialog /opt/borgerdialog

ENV PATH=/opt/borgerdialog/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    BORGERDIALOG_DATA_FOLDER=/data \
    BORGERDIALOG_DATABASE_URL=sqlite:////data/borgerdialog.db \
    BORGERDIALOG_KEYSTORE_URL=sqlite:////data/keystore.db \
    BORGERDIALOG_KEY_FILE=/run/secrets/borgerdialog-keys.json \
    BORGERDIALOG_HOST=0.0.0.0 \
    BORGERDIALOG_PORT=8080
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/health/ready', timeout=4)"]
ENTRYPOINT ["borgerdialog"]
CMD ["serve"]
