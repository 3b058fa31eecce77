"""The AsyncAPI 3 document: the four topics, who writes and who reads them, their key, headers and messages.

Derived from the catalogue, so that it cannot disagree with it. Pure.
"""

from typing import Any, Final

from schemas import base
from schemas.export import json_schema
from schemas.export.kinds import Kind
from schemas.logs import CATALOGUE, Log

Json = dict[str, Any]

BINDING: Final = "0.5.0"
_DAY_MS: Final = 24 * 60 * 60 * 1000


def document(kinds: dict[str, Kind], version: str) -> Json:
    """The document for these kinds."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Gemet Sekul",
            "version": version,
            "description": (
                "Facts of four services as CloudEvents 1.0 in Kafka's binary mode. One topic per service; the "
                "partition is the shard; the key is the id of the stream. Within a shard the facts of a service are "
                "numbered 1, 2, 3, ... without a gap by ce_sequence. A fact may be delivered more than once; it then "
                "has the same ce_id. Readers ignore fields that they do not know."
            ),
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "kafka": {
                "host": "{bootstrap}",
                "protocol": "kafka",
                "variables": {"bootstrap": {"default": "localhost:9092", "description": "Kafka's address"}},
            }
        },
        "channels": {_channel(log): _channel_of(log, kinds) for log in CATALOGUE.values()},
        "operations": dict(_operations()),
        "components": {
            "messages": {_message(kind): _message_of(kind) for kind in kinds.values()},
            "messageTraits": {"cloudevent": _trait()},
        },
    }


def _channel(log: Log) -> str:
    return f"{log.owner}Facts"


def _message(kind: Kind) -> str:
    return f"{kind.name.replace('.', '-')}-v{kind.version}"


def _channel_of(log: Log, kinds: dict[str, Kind]) -> Json:
    carried = [kind for kind in kinds.values() if log in kind.logs]
    return {
        "address": log.topic,
        "title": log.topic,
        "summary": f"The {log.owner}'s log: {log.about}",
        "servers": [{"$ref": "#/servers/kafka"}],
        "messages": {_message(kind): {"$ref": f"#/components/messages/{_message(kind)}"} for kind in carried},
        "bindings": {
            "kafka": {
                "topic": log.topic,
                "topicConfiguration": {"cleanup.policy": ["delete"], "retention.ms": log.retention_days * _DAY_MS},
                "bindingVersion": BINDING,
            }
        },
    }


def _operations() -> list[tuple[str, Json]]:
    found: list[tuple[str, Json]] = []
    for log in CATALOGUE.values():
        channel = {"$ref": f"#/channels/{_channel(log)}"}
        summary = f"The {log.owner} publishes its facts, in order within each partition"
        found.append((f"{log.owner}Publishes", {"action": "send", "channel": channel, "summary": summary}))
        for reader in log.readers:
            name = f"{reader}Reads{log.owner.capitalize()}"
            summary = f"The {reader} reads the facts of the {log.owner}"
            found.append((name, {"action": "receive", "channel": channel, "summary": summary}))
    return found


def _message_of(kind: Kind) -> Json:
    return {
        "name": kind.type,
        "title": kind.name,
        "summary": kind.about,
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "required": ["ce_type", "ce_dataschema"],
            "properties": {
                "ce_type": {"const": kind.type},
                "ce_dataschema": {"const": f"/schemas/json/{kind.file}"},
            },
        },
        "payload": {
            "schemaFormat": f"application/schema+json;version={json_schema.DIALECT.split('/')[4]}",
            "schema": {"$ref": f"json/{kind.file}"},
        },
        "traits": [{"$ref": "#/components/messageTraits/cloudevent"}],
    }


def _trait() -> Json:
    """The headers that all facts share, and the key."""
    text = {"type": "string"}
    always: Json = {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {**text, "pattern": "^[a-z]+/[0-9]+/[0-9]+$", "description": "<service>/<shard>/<seq>"},
        "ce_source": {**text, "pattern": "^/sekul/[a-z]+/[0-9]+$", "description": "/sekul/<service>/<shard>"},
        "ce_time": {**text, "format": "date-time", "description": "when it was decided, in UTC"},
        "ce_subject": {**text, "description": "the id of the stream, as in the key"},
        "ce_sequence": {**text, "pattern": "^[0-9]{20}$", "description": "the seq, zero-padded to 20 digits"},
        "ce_sekulchain": {**text, "pattern": "^[0-9a-f]{64}$", "description": "the log's hash up to this fact"},
        "ce_sekulactor": {**text, "description": "who or what made it: <role>/<key id>, or service/<name>"},
        "ce_sekulcause": {**text, "description": "the ce_id of the fact that it answers, or `command`"},
        "content-type": {"const": "application/json"},
    }
    maybe: Json = {"traceparent": {**text, "description": "W3C trace context; empty when there is none"}}
    key = {**text, "description": f"the id of the stream, such as plg_ and 26 characters of {base.BASE32}"}
    return {
        "headers": {"type": "object", "required": list(always), "properties": {**always, **maybe}},
        "bindings": {"kafka": {"key": key, "bindingVersion": BINDING}},
    }
