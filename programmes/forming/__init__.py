"""Circles that put themselves together: people and rules in, circles out, with a proof where there is one. Pure.

`model` says what is known of people and what is wanted, `tally` counts what a proposal costs in the plainest way,
`columns` lists every possible circle, `solving` finds the best set of them. Only `partition` imports the optimiser, and
only while it solves: an import of this package costs nothing.
"""
