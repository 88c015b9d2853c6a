"""A list as a route: the most yield for the minutes, with ULDs to break down and bags to open."""
