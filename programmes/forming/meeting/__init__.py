"""Who meets whom in which round: schedules from algebra, a small catalogue and search. Pure.

A schedule is a list of rounds, a round a list of groups of people 0…n-1. `arrays` makes rounds from differences,
`catalogue` holds what no construction gives, `golf` plans rounds in which nobody meets twice, `covering` as few
rounds as it takes until everybody has met everybody, `planning` answers what people ask.
"""
