FROM python:3.12-slim-bookworm AS build
WORKDIR /srv/huiqi
ENV UV_PROJECT_ENVIRONMENT=/srv/venv UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy
RUN pip install --no-cache-dir "uv>=0.9,<1"
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-default-groups
COPY manage.py ./
COPY config config
COPY applicants applicants
COPY incentives incentives
COPY reviews reviews
COPY locale locale
# The build needs no secret: a demo's settings collect the static files, and its folder goes.
RUN /srv/venv/bin/python -m config.messages compile \
    && HUIQI_VAR=/tmp/var STATIC_ROOT=/srv/huiqi/static \
       /srv/venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
    && rm -r /tmp/var

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /srv/huiqi --shell /usr/sbin/nologin huiqi \
    && install -d -o huiqi -g huiqi -m 700 /srv/files /srv/schedule /srv/digests
COPY --from=build /srv/venv /srv/venv
COPY --from=build /srv/huiqi /srv/huiqi
WORKDIR /srv/huiqi
ENV PATH=/srv/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HUIQI_ENV=production HUIQI_BIND=0.0.0.0:8000 \
    STATIC_ROOT=/srv/huiqi/static MEDIA_ROOT=/srv/files BEAT_SCHEDULE=/srv/schedule/beat
USER huiqi
EXPOSE 8000
CMD ["gunicorn", "-c", "python:config.gunicorn_settings", "config.wsgi"]
