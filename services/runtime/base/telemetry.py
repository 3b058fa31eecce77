"""Signals as an API: every metric and its meaning in one typed list, structured logs, and traces when asked for.

A signal that is not in the list does not type-check. No signal, label or log line may carry personal data.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal, get_args

import structlog
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from services.runtime.base import ids
from services.runtime.base.settings import Telemetry

CounterName = Literal[
    "facts.appended",  # facts committed to the own log
    "facts.applied",  # facts of other logs applied, once each
    "facts.published",  # records acknowledged by Kafka; more than appended when published again
    "lane.fenced",  # shards lost to another owner
    "lane.failed",  # batches that failed for a reason that is neither the database nor a fence
    "relay.failed",  # publishing attempts that failed
    "relay.resynced",  # times a relay compared the topic's end with its log
    "gap.reread",  # times a hole made a reader seek back
    "gap.requested",  # times a reader asked an owner to publish again
    "control.rejected",  # control messages that are malformed, too large or out of bounds
    "republish.refused",  # requests to publish again beyond a shard's budget
    "http.requests",  # requests answered
    "http.refused",  # requests answered with a problem
    "notices.sent",  # notices that went out
    "notices.failed",  # notices that will not go out
]
GaugeName = Literal[
    "shards.owned",  # shards whose lane is live in this process
    "lag.facts",  # facts known to exist in the sources and not yet applied, over all shards
    "relay.lag_facts",  # facts in the log not yet acknowledged by Kafka
    "letters.blocked_streams",  # streams that wait behind a dead letter
]
HistogramName = Literal[
    "lane.batch_facts",  # facts in one transaction
    "lane.commit_s",  # seconds that one transaction took
    "http.request_s",  # seconds from request to answer
]

REGISTRY: Final = CollectorRegistry()
log: Final = structlog.get_logger("sekul")


def _name(signal: str) -> str:
    return "sekul_" + signal.replace(".", "_")


_COUNTERS: Final = {n: Counter(_name(n), n, registry=REGISTRY) for n in get_args(CounterName)}
_GAUGES: Final = {n: Gauge(_name(n), n, registry=REGISTRY) for n in get_args(GaugeName)}
_HISTOGRAMS: Final = {
    n: Histogram(
        _name(n),
        n,
        registry=REGISTRY,
        buckets=(1, 10, 100, 1_000, 4_000, 10_000) if n == "lane.batch_facts" else Histogram.DEFAULT_BUCKETS,
    )
    for n in get_args(HistogramName)
}


def count(signal: CounterName, by: int = 1) -> None:
    """Add to a counter."""
    _COUNTERS[signal].inc(by)


def gauge(signal: GaugeName, value: float) -> None:
    """Set a gauge."""
    _GAUGES[signal].set(value)


def observe(signal: HistogramName, value: float) -> None:
    """Add a value to a distribution."""
    _HISTOGRAMS[signal].observe(value)


def exposition() -> bytes:
    """All metrics in Prometheus' text format."""
    return generate_latest(REGISTRY)


def traceparent() -> str:
    """A new W3C trace context, sampled: https://www.w3.org/TR/trace-context/."""
    return f"00-{ids.hexadecimal(16)}-{ids.hexadecimal(8)}-01"


@contextmanager
def span(name: str, parent: str, **attributes: str | int) -> Iterator[None]:
    """A span under a traceparent header; free of cost when no OTLP endpoint is set."""
    if not _tracing:
        yield
        return
    carrier = {"traceparent": parent}
    context = _propagator.extract(carrier)
    with trace.get_tracer("sekul").start_as_current_span(name, context=context, attributes=attributes):
        yield


_tracing = False
_propagator = TraceContextTextMapPropagator()


def set_up(settings: Telemetry, service: str) -> None:
    """Set logging and, when an OTLP endpoint is given, tracing up for this process."""
    level = getattr(logging, settings.log_level.upper())
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )
    structlog.contextvars.bind_contextvars(service=service)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    if settings.otlp_endpoint:
        _trace_to(settings.otlp_endpoint, service)


def _trace_to(endpoint: str, service: str) -> None:
    # The exporter is dear to import, and most processes have no endpoint to export to.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    global _tracing  # noqa: PLW0603 -- tracing is a property of the process
    provider = TracerProvider(resource=Resource.create({"service.name": f"sekul-{service}"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    trace.set_tracer_provider(provider)
    _tracing = True
