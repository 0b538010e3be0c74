# Two stages: the first installs hashed requirements, the second holds only what runs, as nobody special.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
RUN python -m venv /venv
COPY requirements.txt .
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM python:3.11-slim-bookworm
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    MODE=production HOST=0.0.0.0 PORT=8000 DATA_DIR=/data STATIC_ROOT=/app/staticfiles
# pg_dump and pg_restore of PostgreSQL 15, for `manage.py backup` and `restore`.
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /app piece && mkdir /data && chown piece /data
WORKDIR /app
COPY --from=build /venv /venv
COPY . .
# collectstatic needs settings but no secret of yours: these values live for this one line.
RUN SECRET_KEY=build-only-build-only-build-only-build-only-build-only CONTENT_KEYS=b:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE= \
    SITE_URL=http://build.invalid DATABASE_URL=sqlite:////tmp/build.sqlite3 REDIS_URL=redis://build.invalid \
    python manage.py collectstatic --no-input
USER piece
VOLUME /data
EXPOSE 8000
CMD ["python", "manage.py", "serve"]
