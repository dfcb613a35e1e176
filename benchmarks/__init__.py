"""Measurements that take longer than a test: what the rules promise, and how fast the engine is."""
