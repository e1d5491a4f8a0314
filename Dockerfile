# One image for web, worker, beat and one-off commands.
#
#   docker build --tag touchpoint .

FROM python:3.12-slim AS packages
COPY requirements.txt /tmp/requirements.txt
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --requirement /tmp/requirements.txt

FROM python:3.12-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    TOUCHPOINT_VAR=/var/lib/touchpoint \
    TOUCHPOINT_HASHED_STATIC=1
RUN useradd --system --uid 10001 --home-dir /var/lib/touchpoint touchpoint
COPY --from=packages /opt/venv /opt/venv
COPY . /srv/touchpoint
WORKDIR /srv/touchpoint
# The hashed static files belong to the image. The secret key that the settings ask for is thrown away
# with this step: at run time it comes from the environment.
RUN python -m compileall -q /srv/touchpoint \
    && install -d -o touchpoint -g touchpoint /var/lib/touchpoint \
    && TOUCHPOINT_SECRET_KEY=for-this-step-only python manage.py collectstatic --noinput \
    && chown -R touchpoint:touchpoint /var/lib/touchpoint
USER touchpoint
EXPOSE 8000
CMD ["gunicorn", "--config", "python:config.gunicorn", "--bind", "0.0.0.0:8000"]
