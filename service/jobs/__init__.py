"""Manifests that came by HTTP: kept as jobs, worked off by one runner, step by step."""
