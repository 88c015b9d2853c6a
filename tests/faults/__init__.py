"""Faults, brought about on purpose: docs/reliability.md tells what came of them."""
