"""The express door: single clean rows become canonical without a table."""

from engine.express.door import ExpressDoor

__all__ = ["ExpressDoor"]
