"""Who is answered in which state. One line a question or an address; one that is not listed fails the suite.

`+` answered, `r` refused in a sentence on the circle's page, `-` as if there were no such thing. Each column is one of
PEOPLE. `tests.config.access` says the same of addresses while everything is as usual; here it is what time, leaving,
joining, holding, closing and deleting change.
"""

PEOPLE = (
    "member", "facilitator", "joined later", "from outside", "appointed",  # in the circle now
    "guest",  # of one session
    "left", "removed", "invited", "erased", "stranger", "facilitator of another circle",  # not in it
    "programme administrator", "staff", "superuser",  # never see content
)  # fmt: skip

# While the circle is open and its session is planned. Columns: member, facilitator, joined later, from outside,
# appointed; guest; then everybody who is not in the circle.
ASKED = {
    "circles.get_seat":                             "+++++-" + "---------",
    "circles.get_circle":                           "+++++-" + "---------",
    "circles.get_circle writes":                    "+++++-" + "---------",
    "circles.get_circle_to_run":                    "-+-++-" + "---------",
    # Not for the member it is about.
    "circles.get_removal":                          "-++++-" + "---------",
    # What all rely on is told to all; nothing of it waits in a closed circle.
    "circles.get_change":                           "+++++-" + "---------",
    # Waits to be read out: members read it; whoever was appointed since it was written does not.
    "circles.reads_goal":                           "++++--" + "---------",
    # Open, so whoever joined later is asked about it; whoever was appointed has no say in it.
    "agreements.get_proposal":                      "++++--" + "---------",
    "agreements.get_proposal writes":               "++++--" + "---------",
    "agreements.get_version":                       "+++++-" + "---------",
    "agreements.get_own_commitment":                "+-----" + "---------",
    "agreements.get_own_commitment_inside":         "+-----" + "---------",
    "agreements.get_commitment_as_partner":         "-+----" + "---------",
    "agreements.get_commitment_as_partner writes":  "-+----" + "---------",
    "agreements.get_commitment":                    "++----" + "---------",
    "agreements.get_commitment_to_talk_about":      "++----" + "---------",
    # Promised before some came.
    "agreements.told in a check-in":                "++-+--" + "---------",
    "sessions.get_session":                         "+++++-" + "---------",
    "sessions.get_session_to_run":                  "-+-++-" + "---------",
    "sessions.get_attended":                        "++++++" + "---------",
    "sessions.may_attend":                          "++++++" + "---------",
    "sessions.reads_words":                         "+++---" + "---------",
    # The member's, before its turn.
    "sessions.reads_issue":                         "+-----" + "---------",
    "sessions.get_guest_pass":                      "+++++-" + "---------",
    # Whoever asked and whoever was asked.
    "sessions.get_swap":                            "++----" + "---------",
    "sessions.get_poll":                            "+++++-" + "---------",
    "sessions.get_poll writes":                     "+++++-" + "---------",
    "sessions.get_format":                          "+++++-" + "---------",
    "sessions.get_format_to_change":                "-+-++-" + "---------",
    "sessions.get_rehearsal":                       "+-----" + "---------",
    # By a mail of the first day, which later ones did not get.
    "sessions.may_answer":                          "++-+-+" + "---------",
    "sessions.get_journey":                         "+++++-" + "---------",
    "sessions.get_journey_to_change":               "-+-++-" + "---------",
    # What leaves the circle is for those with a seat to decide, also for whoever came since it was asked.
    "sessions.get_seat_in_turn":                    "+++---" + "---------",
    "sessions.get_seat_in_turn writes":             "+++---" + "---------",
    "sessions.get_asked":                           "+++---" + "---------",
    "sessions.get_item_of":                         "+++---" + "---------",
    # A sentence from before they came waits for nobody's no.
    "sessions.get_offer":                           "++----" + "---------",
    # Whether somebody has left is said by whoever answers for the organisation.
    "pages.get_person":                             "------" + "------+++",
    "pages.reads_between_sessions":                 "+++---" + "---------",
    "programmes.get_programme":                     "------" + "------+--",
    "programmes.get_round":                         "------" + "------+--",
    "programmes.get_circle_of":                     "------" + "------+--",
    "programmes.get_pulse":                         "------" + "------+--",
    "programmes.get_enrolment":                     "+-----" + "---------",
    # Nobody here has withdrawn: see tests/programmes/test_after_the_yes.py.
    "programmes.get_withdrawn":                     "------" + "---------",
    # By invitation only: the member is in it, and whoever is invited has proved the address.
    "programmes.get_to_join":                       "+-----" + "--+------",
    # Asked of the member.
    "programmes.get_admin_invitation":              "+-----" + "---------",
    "programmes.get_facilitator_asked":             "+-----" + "---------",
    "programmes.get_late_place":                     "-+-++-" + "---------",
    "programmes.get_ticket":                        "+-----" + "---------",
}  # fmt: skip

NOBODY = "-" * len(PEOPLE)
MEMBERS_REFUSED = "rrrrr" + "-" * 10
RUNNING_IT_REFUSED = "-r-rr" + "-" * 10
GUEST_IS_OUT = {
    "sessions.get_attended": "+++++" + "-" * 10, "sessions.may_attend": "+++++" + "-" * 10,
    "sessions.may_answer": "++-+-" + "-" * 10,
}  # fmt: skip
# Nobody here has signed, which is asked once a session was held.
SIGN_FIRST = {"pages.reads_between_sessions": NOBODY}

# What is different in another state, and why.
MOMENTS: dict[str, dict[str, str]] = {
    "open": {},
    # On hold is a word to those who count; everything goes on.
    "on hold": {},
    # Words are read until they are deleted; nothing new begins, nobody is asked, no guest comes.
    "closed": GUEST_IS_OUT | {
        "programmes.get_late_place": NOBODY,
        "circles.get_circle writes": MEMBERS_REFUSED,
        "circles.get_circle_to_run": RUNNING_IT_REFUSED,
        "circles.get_removal": NOBODY,
        "circles.get_change": NOBODY,
        "agreements.get_proposal writes": MEMBERS_REFUSED,
        "agreements.get_own_commitment_inside": "r" + "-" * 14,
        "agreements.get_commitment_as_partner writes": "-r" + "-" * 13,
        "agreements.get_commitment_to_talk_about": "rr" + "-" * 13,
        "sessions.get_session_to_run": RUNNING_IT_REFUSED,
        "sessions.get_poll writes": MEMBERS_REFUSED,
        "sessions.get_format_to_change": RUNNING_IT_REFUSED,
        "sessions.get_journey_to_change": RUNNING_IT_REFUSED,
        "sessions.get_seat_in_turn writes": MEMBERS_REFUSED,
    },
    # Ninety days later the words are gone: one calm page with dates and counts, and nothing that looks like a ruin.
    "emptied": GUEST_IS_OUT | {
        "programmes.get_late_place": NOBODY,
        "circles.get_circle": MEMBERS_REFUSED,
        "circles.get_circle writes": MEMBERS_REFUSED,
        "circles.get_circle_to_run": RUNNING_IT_REFUSED,
        "circles.get_removal": NOBODY,
        "circles.get_change": NOBODY,
        "agreements.get_proposal": MEMBERS_REFUSED,
        "agreements.get_proposal writes": MEMBERS_REFUSED,
        "agreements.get_own_commitment": NOBODY,
        "agreements.get_own_commitment_inside": NOBODY,
        "agreements.get_commitment_as_partner": NOBODY,
        "agreements.get_commitment_as_partner writes": NOBODY,
        "agreements.get_commitment": NOBODY,
        "agreements.get_commitment_to_talk_about": NOBODY,
        "sessions.get_session": MEMBERS_REFUSED,
        "sessions.get_session_to_run": MEMBERS_REFUSED,
        "sessions.get_attended": MEMBERS_REFUSED,
        "sessions.reads_words": MEMBERS_REFUSED,
        "sessions.reads_issue": MEMBERS_REFUSED,
        "sessions.get_guest_pass": MEMBERS_REFUSED,
        "sessions.get_swap": "rr" + "-" * 13,
        "sessions.get_poll": MEMBERS_REFUSED,
        "sessions.get_poll writes": MEMBERS_REFUSED,
        "sessions.get_format_to_change": RUNNING_IT_REFUSED,
        "sessions.get_journey_to_change": RUNNING_IT_REFUSED,
        "sessions.get_seat_in_turn": MEMBERS_REFUSED,
        "sessions.get_seat_in_turn writes": MEMBERS_REFUSED,
        "sessions.get_asked": MEMBERS_REFUSED,
        "sessions.get_item_of": MEMBERS_REFUSED,
        "sessions.get_offer": MEMBERS_REFUSED,
    },
    # Everybody in the room reads what is said in it, those without a seat and the guest too.
    "running": {"sessions.reads_words": "++++++" + "-" * 9},
    # Afterwards those who belonged to the circle then, and the guest for a day; nobody who only looked after it.
    "held": {"sessions.reads_words": "+++--+" + "-" * 9} | SIGN_FIRST,
    "held before some came": {"sessions.reads_words": "++---" + "-" * 10} | GUEST_IS_OUT | SIGN_FIRST,
    # To the second, by the clock, whether a task has run or not.
    "a day after": {"sessions.reads_words": "+++--+" + "-" * 9} | SIGN_FIRST,
    "over a day after": {"sessions.reads_words": "+++--" + "-" * 10} | GUEST_IS_OUT | SIGN_FIRST,
    "cancelled": GUEST_IS_OUT,
    "not_held": GUEST_IS_OUT,
    "never opened": GUEST_IS_OUT,
    # Figures stay where they are; people and pulses keep what was theirs.
    "programme ended": dict.fromkeys(
        ("programmes.get_admin_invitation", "programmes.get_facilitator_asked", "programmes.get_late_place"), NOBODY
    ) | {"pages.get_person": "-" * 13 + "++"},
}  # fmt: skip

# Of a circle: the first two; of a session: all. A circle on hold is one that is open: see MOMENTS.
STATES = ("closed", "emptied", "running", "held", "cancelled", "not_held")
# Answered in another table: one's own words, bell and account are nobody's but theirs in every state.
ELSEWHERE = {"pages:own_words_delete", "pages:notice_open", "pages:person_left"}
# `s` is a form shown again.
ADDRESSES = {
    # Read, and said, until the words are deleted; then the circle's page says that they are.
    "agreements:agreement GET": "+r",
    "agreements:agreement_hard GET": "+r",
    "agreements:agreement_print GET": "+r",
    "agreements:agreement_text GET": "+r",
    "agreements:agreement_version GET": "+r",
    "agreements:proposal GET": "+r",
    "pages:joined GET": "+r",
    "circles:coming_plan GET": "+r",
    "pages:mirror GET": "+r",
    "circles:people GET": "+r",
    "shelf:circle_shelf GET": "+r",
    "shelf:asked GET": "+r",
    "shelf:back POST": "+r",
    "shelf:circle_sentences GET": "+r",
    "shelf:sentence_no POST": "+r",
    "circles:word GET": "+r",
    "pages:circle_commitments GET": "+r",
    "pages:closing GET": "+r",
    "pages:closing POST": "+r",
    "pages:decide GET": "+r",
    "sessions:poll GET": "+r",
    # As above; a form that was sent empty is shown again.
    "circles:word POST": "sr",
    # One of theirs waits already.
    "shelf:circle_sentences POST": "sr",
    # What would begin, change, ask or write to somebody: never in a closed circle.
    "agreements:agreement_sign POST": "rr",
    "agreements:commitment_add GET": "rr",
    "agreements:commitment_add POST": "rr",
    "agreements:proposal POST": "rr",
    "agreements:proposal_withdraw POST": "rr",
    "agreements:propose GET": "rr",
    "agreements:propose POST": "rr",
    "circles:facilitation_ask POST": "rr",
    "circles:facilitator_stop POST": "rr",
    "circles:goals POST": "rr",
    "circles:coming_plan POST": "rr",
    "pages:mirror POST": "rr",
    "pages:mirror_open POST": "rr",
    "pages:mirror_close POST": "rr",
    "pages:one_change POST": "rr",
    "pages:one_change_settle POST": "rr",
    "circles:hold POST": "rr",
    "circles:invitation_resend POST": "rr",
    "circles:invitation_revoke POST": "rr",
    "circles:people POST": "rr",
    "circles:removal_ask POST": "rr",
    "circles:settings GET": "rr",
    "circles:settings POST": "rr",
    "pages:slip_settle POST": "rr",
    "circles:slips GET": "rr",
    "circles:slips_make POST": "rr",
    "formats:edit GET": "rr",
    "formats:edit POST": "rr",
    "formats:import GET": "rr",
    "formats:import POST": "rr",
    "formats:retire POST": "rr",
    "journeys:edit GET": "rr",
    "journeys:edit POST": "rr",
    "journeys:import GET": "rr",
    "journeys:import POST": "rr",
    "journeys:retire POST": "rr",
    "sessions:journey_take POST": "rr",
    "sessions:journey_leave POST": "rr",
    "sessions:leg_skip POST": "rr",
    "sessions:leg_swap POST": "rr",
    "shelf:asked POST": "rr",
    "shelf:lend GET": "rr",
    "shelf:lend POST": "rr",
    "shelf:bring GET": "rr",
    "shelf:bring POST": "rr",
    "pages:close POST": "rr",
    "pages:end GET": "rr",
    "pages:end POST": "rr",
    "pages:decide POST": "rr",
    "pages:decide_settle POST": "rr",
    "pages:self_run POST": "rr",
    "sessions:find_time GET": "rr",
    "sessions:poll POST": "rr",
    "sessions:poll_close POST": "rr",
    "sessions:pairs GET": "+r",
    "sessions:pairs POST": "rr",
    "sessions:poll_start GET": "rr",
    "sessions:poll_start POST": "rr",
    "sessions:schedule GET": "rr",
    "sessions:schedule POST": "rr",
    "sessions:sign_remind POST": "rr",
    "sessions:times_ask POST": "rr",
    "sessions:busy_look POST": "rr",
    # What concerns the other person of a commitment ends with the circle; later the commitment is gone as well.
    "agreements:appointment GET": "r-",
    "agreements:appointment POST": "r-",
    "agreements:appointment_calendar GET": "r-",
    "agreements:appointment_settle POST": "r-",
    "agreements:commitment_change GET": "r-",
    "agreements:commitment_change POST": "r-",
    "agreements:nudge POST": "r-",
    "agreements:partner_answer POST": "r-",
    # One's own commitment stays one's own as long as there are words.
    "agreements:commitment GET": "+-",
    "agreements:commitment_delete POST": "+-",
    "agreements:commitment_move GET": "+-",
    "agreements:commitment_move POST": "+-",
    "agreements:commitment_settle POST": "+-",
    "agreements:progress POST": "+-",
    "agreements:step_add POST": "+-",
    "agreements:step_mark POST": "+-",
    # Dates, counts, formats and leaving: always.
    "pages:leave GET": "++",
    "pages:leave POST": "++",
    "formats:detail GET": "++",
    "formats:file GET": "++",
    "journeys:journey GET": "++",
    "journeys:file GET": "++",
    "sessions:circle_journey GET": "++",
    "pages:circle GET": "++",
    "pages:circle_sessions GET": "++",
    "pages:circle_more GET": "++",
    "pages:circle_seen GET": "++",
    # A copy goes into an open circle; this one is none to choose.
    "formats:copy POST": "ss",
    "journeys:copy POST": "ss",
    # A promise that is kept or ended is not asked about any more.
    "circles:goals GET": "-r",
    # Nothing waits for an answer any more.
    "circles:removal_answer POST": "--",
    "circles:change_answer POST": "--",
    # Of a session, whatever became of it: shown to its members, with the words that are theirs.
    "sessions:check_out GET": "+r++++",
    "sessions:check_out POST": "rrrrrr",
    "sessions:issue GET": "+r++++",
    "sessions:live GET": "+r++++",
    "sessions:live_room GET": "+r++++",
    "sessions:note POST": "+r++++",
    "sessions:scribe POST": "+r++++",
    "sessions:sharing POST": "+r++++",
    "sessions:session GET": "+r++++",
    "sessions:session_calendar GET": "+r++++",
    "sessions:run_sheet GET": "+r++++",
    "sessions:preparation GET": "+r++++",
    # Shown again with what was typed, and why it is too late.
    "sessions:preparation POST": "sr+sss",
    "sessions:shared GET": "+r++++",
    "sessions:shared_room GET": "+r++++",
    # While it runs.
    "sessions:issue POST": "rr+rrr",
    "sessions:signal POST": "rr+rrr",
    # Nothing stands on the sheet of the table’s person.
    "sessions:preparation_bring POST": "rrrrrr",
    # Only before it begins, or not as the table's person asks it: too early, nobody's question any more.
    "sessions:guest_invite POST": "rrrrrr",
    "sessions:guest_withdraw POST": "rrrrrr",
    "sessions:reminder_note POST": "rrrrrr",
    "sessions:role_take POST": "rrrrrr",
    "sessions:roles POST": "rrrrrr",
    "sessions:rsvp POST": "rrrrrr",
    "sessions:session_cancel POST": "rrrrrr",
    "sessions:session_not_held POST": "rrrrrr",
    "sessions:stand_in POST": "rrrrrr",
    "sessions:start POST": "rrrrrr",
    "sessions:swap_answer POST": "rrrrrr",
    "sessions:swap_ask POST": "rrrrrr",
    "sessions:turns POST": "rrrrrr",
    # Only where it was cancelled, and lately.
    "sessions:session_take_back POST": "rrrr+r",
    # Only afterwards, for some days.
    "sessions:attendance POST": "-r-+--",
    # The page that says what cancelling does; pressing is refused.
    "sessions:session_cancel GET": "rr++++",
    # What has begun or is over has no such form.
    "sessions:session_edit GET": "rr----",
    "sessions:session_edit POST": "rr----",
    # Presses of the room need a seat in a session that has begun: see the tests of the room.
    "sessions:command POST": "-r----",
    "sessions:hand_over POST": "-r----",
    "sessions:put_back POST": "-r----",
    "sessions:replan POST": "-r----",
    "sessions:take_over POST": "-r----",
    "sessions:turn POST": "-r----",
    # A guest who has come goes home by the door; before that there is nothing to leave.
    "sessions:guest_leave POST": "--rr--",
    # A guest signs before or while it runs, and for a day; one of nothing signs nothing.
    "sessions:guest_sign POST": "--++--",
}
