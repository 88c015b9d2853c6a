"""The commands of `triage`, one file each.

A command file imports at its top only what reads arguments; everything else is imported inside,
so that `triage --help` and the quick commands start at once.
"""
