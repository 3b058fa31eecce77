"""What means that Kafka is away for now."""

from typing import Final

from aiokafka.errors import KafkaError

AWAY: Final = (KafkaError, OSError, TimeoutError)
