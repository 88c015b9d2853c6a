"""Policies side by side over weeks: processes, what is kept on the way, and the report."""
