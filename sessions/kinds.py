"""The keys of the messages about sessions, as they are stored. `mails/` says of each what it tells and to whom."""

# Dates.
SCHEDULED, MOVED, CANCELLED = "session_scheduled", "session_moved", "session_cancelled"
SERIES_SCHEDULED, SERIES_CHANGED, SERIES_CANCELLED = "series_scheduled", "series_changed", "series_cancelled"
HELD_EARLY = "session_held_early"

# Before a session.
WEEK_BEFORE, DAY_BEFORE, HOUR_BEFORE = "session_week_before", "session_day_before", "session_hour_before"
RSVP_WANTED, TO_SIGN, QUORUM = "rsvp_wanted", "agreement_to_sign", "session_quorum"
SHEET = "sheet_offered"
# The farthest first: a nearer one that is due makes a late one superfluous.
BEFORE = (WEEK_BEFORE, DAY_BEFORE, HOUR_BEFORE)
REMINDERS = (*BEFORE, RSVP_WANTED, TO_SIGN, QUORUM, SHEET)
# What concerns whoever looks after a circle from outside, without a seat, too: they sign.
WITHOUT_A_SEAT_TOO = (TO_SIGN,)

# Roles.
ROLE_NEXT = "role_next"
SWAP_ASKED, SWAP_ANSWERED = "swap_asked", "swap_answered"

# What is no longer true once a session has another date.
ABOUT_DATES = (SCHEDULED, MOVED, *REMINDERS, ROLE_NEXT)

# Looking for times, and how a circle goes on.
POLL, POLL_AGAIN, TIMES_WANTED = "poll", "poll_again", "times_wanted"
FADING, DECIDE = "circle_fading", "covenant_decide"

# With whom one coaches between sessions.
PAIRS = "coaching_pairs"

# Guests: to them and to the members, then after their yes, and to whoever invited them, whatever came of it.
GUEST_INVITED, GUEST_TOLD, GUEST_NOT = "guest_invited", "guest_told", "guest_not"
GUEST_COMES, GUEST_ANSWERED = "guest_comes", "guest_answered"

# One date of a mail about several, as an invitation that is answered by itself.
CALENDAR_DATE = "calendar_date"
# Answers by calendar: that somebody who cannot come wished for another time, to whoever looks after the circle.
TIME_WISHED = "time_wished"
# To somebody who was invited by calendar and is in the circle no more.
CALENDAR_LEFT = "calendar_left"
# To the answer address itself: whether it arrives.
ANSWER_PROBE = "answer_probe"

# The shelf: whether the circle lends something, and that it does; a sentence that waits, and that its week is over.
SHELF_ASKED, SHELF_LENT = "shelf_asked", "shelf_lent"
SENTENCE_OFFERED, SENTENCE_WEEK_OVER = "sentence_offered", "sentence_week_over"
