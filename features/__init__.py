"""What can be seen of a consignment, without looking at its own outcome.

Three scopes of sight and nothing else: the consignment itself, its flight, and history up to the
end of the day before (declarations) or recorded before that moment (outcomes).
"""
