"""Migrations of the tables, run by `service.storage.schema`."""
