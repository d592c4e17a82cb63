"""Figures for Prometheus: how many requests, how long they took. They name routes, never people or full paths."""

from collections.abc import Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

CONTENT_TYPE = CONTENT_TYPE_LATEST
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 4.0, 5.0, 10.0)
"""Seconds. WeChat gives up after 5, and the chat's own cap is 4."""


class Metrics:
    """One process's figures, in a registry of their own. Other parts may add collectors to :attr:`registry`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._requests = Counter(
            "wangge_http_requests", "Requests answered.", ("route", "method", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "wangge_http_request_seconds",
            "Time from a request's head to the end of its answer.",
            ("route",),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._shut = Gauge(
            "wangge_wechat_shut",
            "1 while nothing is sent this way because WeChat has refused it to the account; channel * is all of them.",
            ("appid", "channel"),
            registry=self.registry,
        )
        # Looking a figure up by its labels costs more than counting.
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """Note one answered request; *route* is a route's name or pattern, of which there are few."""
        found = self._known.get((route, method, status))
        if found is None:
            known = method if method in _METHODS else "other"
            found = (self._requests.labels(route, known, str(status)), self._seconds.labels(route))
            if known == method:
                self._known[(route, method, status)] = found
        requests, took = found
        requests.inc()
        took.observe(seconds)

    def show_shut(self, appid: str, channels: Mapping[str, bool]) -> None:
        """Which *channels* of an account are shut now."""
        for name, is_shut in channels.items():
            self._shut.labels(appid, name).set(is_shut)

    def text(self) -> bytes:
        """Everything in Prometheus' text form."""
        return generate_latest(self.registry)
