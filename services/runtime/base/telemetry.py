"""Signals as an API: every metric and its meaning in one typed list, structured logs, and traces if configured.

A signal that is not in the list does not type-check. Reporting never fails: a log line that cannot be written (the
disk is full) is dropped. No signal, label or log line may carry personal data.
"""

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Final, Literal, TextIO, cast, get_args

import structlog
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from services.runtime.base import ids
from services.runtime.base.settings import Telemetry

CounterName = Literal[
    "facts.appended",
    "facts.applied",
    "facts.published",
    "shard.fenced",
    "shard.failed",
    "relay.failed",
    "relay.resynced",
    "republish.refused",
    "gap.reread",
    "gap.requested",
    "control.rejected",
    "http.requests",
    "http.refused",
]
GaugeName = Literal["shards.owned", "lag.facts", "relay.lag_facts", "dead_letters.blocked_streams"]
HistogramName = Literal["shard.batch_facts", "http.request_s"]

_COUNTER_HELP: Final[Mapping[CounterName, str]] = {
    "facts.appended": "Events committed to this service's own log.",
    "facts.applied": "Events of other logs applied, each counted once.",
    "facts.published": "Records acknowledged by Kafka; above facts.appended when events were published again.",
    "shard.fenced": "Shards lost to another owner; a steady rise means that two processes contend for a shard.",
    "shard.failed": "Batches that failed for a reason that is neither the database nor a fence; each has a log line.",
    "relay.failed": "Attempts to publish that failed; the events stay in the log and are tried again.",
    "relay.resynced": "Comparisons of a topic's end with the log, after a start or a failure.",
    "republish.refused": "Requests to publish events again that exceed a shard's budget.",
    "gap.reread": "Times a reader sought back because sequence numbers were missing.",
    "gap.requested": "Times a reader asked an owner to publish events again; Kafka has lost records.",
    "control.rejected": "Control messages that are malformed, too large or out of bounds.",
    "http.requests": "HTTP requests answered, refusals included.",
    "http.refused": "HTTP requests answered with a problem (4xx or 5xx).",
}
_GAUGE_HELP: Final[Mapping[GaugeName, str]] = {
    "shards.owned": "Shards that this process owns and writes now.",
    "lag.facts": "Events known to exist in the sources and not yet applied, over all shards.",
    "relay.lag_facts": "Events committed and not yet acknowledged by Kafka.",
    "dead_letters.blocked_streams": "Streams that wait behind a dead letter until it is redriven.",
}
_HISTOGRAM_HELP: Final[Mapping[HistogramName, str]] = {
    "shard.batch_facts": "Events appended by one transaction.",
    "http.request_s": "Seconds from a request's arrival to its answer.",
}

REGISTRY: Final = CollectorRegistry()
log: Final = structlog.get_logger("sekul")


def _name(signal: str) -> str:
    return "sekul_" + signal.replace(".", "_")


_COUNTERS: Final = {n: Counter(_name(n), _COUNTER_HELP[n], registry=REGISTRY) for n in get_args(CounterName)}
_GAUGES: Final = {n: Gauge(_name(n), _GAUGE_HELP[n], registry=REGISTRY) for n in get_args(GaugeName)}
_HISTOGRAMS: Final = {
    n: Histogram(
        _name(n),
        _HISTOGRAM_HELP[n],
        registry=REGISTRY,
        buckets=(1, 10, 100, 1_000, 4_000, 10_000) if n == "shard.batch_facts" else Histogram.DEFAULT_BUCKETS,
    )
    for n in get_args(HistogramName)
}


def counter(signal: str, explanation: str) -> Counter:
    """A further counter, of a service of its own."""
    return Counter(_name(signal), explanation, registry=REGISTRY)


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
    drawn = ids.hexadecimal(24)
    return f"00-{drawn[:32]}-{drawn[32:]}-01"


@contextmanager
def span(name: str, parent: str, **attributes: str | int) -> Iterator[None]:
    """A span under a traceparent header; costs nothing without an OTLP endpoint."""
    if not _tracing:
        yield
        return
    carrier = {"traceparent": parent}
    context = _propagator.extract(carrier)
    with trace.get_tracer("sekul").start_as_current_span(name, context=context, attributes=attributes):
        yield


_tracing = False
_propagator = TraceContextTextMapPropagator()


class _Stderr:
    """Standard error, or nowhere while it cannot be written: code that reports a failure must not fail by that."""

    def write(self, text: str) -> None:
        with suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()


def set_up(settings: Telemetry, service: str) -> None:
    """Configure logging for this process, and tracing if there is an OTLP endpoint."""
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
        logger_factory=structlog.PrintLoggerFactory(file=cast("TextIO", _Stderr())),
    )
    structlog.contextvars.bind_contextvars(service=service)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    if settings.otlp_endpoint:
        _trace_to(settings.otlp_endpoint, service)


def _trace_to(endpoint: str, service: str) -> None:
    # The exporter is slow to import, and most processes have no endpoint to export to.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    global _tracing  # noqa: PLW0603 -- tracing is a property of the process
    provider = TracerProvider(resource=Resource.create({"service.name": f"sekul-{service}"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    trace.set_tracer_provider(provider)
    _tracing = True
