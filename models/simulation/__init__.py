"""A service at work over weeks, on a world that need not stand still."""
