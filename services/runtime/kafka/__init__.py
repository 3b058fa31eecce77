"""The home of aiokafka and FastStream: topics, publishing, consuming. Hints in, hints out; the truth is elsewhere."""
