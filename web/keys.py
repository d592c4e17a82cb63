"""What the layers of one application hand to each other, typed."""

from aiohttp import web

from web.metrics import Metrics

METRICS: web.AppKey[Metrics] = web.AppKey("METRICS", Metrics)
REQUEST_ID: web.RequestKey[str] = web.RequestKey("REQUEST_ID", str)
