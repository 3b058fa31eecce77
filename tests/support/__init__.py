"""What tests share: real servers, builders of facts, and helpers that read as sentences."""
