"""Whether a JSON Schema still means what it meant: the rule for changes within one version.

Promises to name each change that would break a reader of old facts or an old reader of new facts: a field gone, a field
of another type or with other limits, a field that became required or stopped to be. Fields may be added with a default,
and a list of words may grow. Anything else is a line in the changelog until 1.0, and a new version from then on. Pure.
"""

from typing import Any, Final

Json = dict[str, Any]

#: Words about a schema that no instance depends on.
_PROSE: Final = frozenset({"$id", "$schema", "$defs", "title", "description", "x-sekul-log"})
_STRUCTURE: Final = frozenset({"properties", "required", "enum", "$ref"})


def broken_promises(old: Json, new: Json) -> list[str]:
    """The incompatible changes from `old` to `new`, one sentence each."""
    return _compare(_Side(old, old), _Side(new, new), "")


class _Side:
    """A place in one of the two documents, with references followed."""

    def __init__(self, document: Json, node: Json) -> None:
        while "$ref" in node:
            name = node["$ref"].rpartition("/")[2]
            node = {**document["$defs"][name], **{key: value for key, value in node.items() if key != "$ref"}}
        self.document = document
        self.node = node

    def at(self, node: Json) -> "_Side":
        return _Side(self.document, node)


def _compare(old: _Side, new: _Side, path: str) -> list[str]:
    found = [*_compare_fields(old, new, path), *_compare_words(old.node, new.node, path)]
    for key in sorted({*old.node, *new.node} - _PROSE - _STRUCTURE):
        before, after = old.node.get(key), new.node.get(key)
        if isinstance(before, dict) and isinstance(after, dict):
            found += _compare(old.at(before), new.at(after), f"{path}/{key}")
        elif key == "anyOf" and before and after and len(before) == len(after):
            for number, (one, other) in enumerate(zip(before, after, strict=True)):
                found += _compare(old.at(one), new.at(other), f"{path}/{key}/{number}")
        elif before != after:
            found.append(f"{path or '/'}: {key} was {before!r} and is {after!r}")
    return found


def _compare_fields(old: _Side, new: _Side, path: str) -> list[str]:
    before, after = old.node.get("properties", {}), new.node.get("properties", {})
    found = [f"{path}/{name}: the field is gone" for name in before if name not in after]
    was, now = set(old.node.get("required", [])), set(new.node.get("required", []))
    found += [f"{path}/{name}: the field has become required" for name in sorted(now - was)]
    found += [f"{path}/{name}: the field is no longer required" for name in sorted(was - now) if name in after]
    for name in before:
        if name in after:
            found += _compare(old.at(before[name]), new.at(after[name]), f"{path}/{name}")
    return found


def _compare_words(old: Json, new: Json, path: str) -> list[str]:
    was, now = _words(old), _words(new)
    if was is None or now is None:
        return [] if was == now else [f"{path}: a list of words came or went"]
    return [f"{path}: the word {word!r} is gone" for word in was if word not in now]


def _words(node: Json) -> list[Any] | None:
    return node.get("enum")
