"""Where a page stands: the places of a circle and of a programme, and which of them a page belongs to.

The map is that of the product's wayfinding: each place is one press away from every page of its circle or programme.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tab:
    """One link of the bar: its key, the page it leads to, and the pages that stand below it."""

    key: str
    page: str
    below: tuple[str, ...] = ()


CIRCLE = (
    Tab("overview", "pages:circle", ("pages:joined",)),
    Tab(
        "sessions",
        "pages:circle_sessions",
        (
            "sessions:session", "sessions:session_edit", "sessions:session_cancel", "sessions:session_not_held",
            "sessions:schedule", "sessions:find_time", "sessions:times_ask", "sessions:busy_look",
            "sessions:poll_start", "sessions:poll", "sessions:check_out",
            "sessions:attendance", "sessions:swap_ask", "sessions:swap_answer", "sessions:turns",
            "sessions:roles", "sessions:stand_in", "sessions:reminder_note", "sessions:issue", "sessions:rsvp",
            "sessions:guest_invite", "sessions:scribe", "sessions:run_sheet", "sessions:circle_journey",
            "sessions:preparation", "sessions:hosted", "programmes:journey_offered",
        ),
    ),
    Tab(
        "agreement",
        "agreements:agreement",
        (
            "agreements:agreement_sign", "agreements:agreement_print", "agreements:agreement_text",
            "agreements:agreement_hard", "agreements:agreement_version", "agreements:propose", "agreements:proposal",
        ),
    ),
    Tab(
        "commitments",
        "pages:circle_commitments",
        (
            "pages:commitments_find",
            "agreements:commitment", "agreements:commitment_add", "agreements:commitment_change",
            "agreements:commitment_move", "agreements:appointment",
        ),
    ),
    Tab(
        "people",
        "circles:people",
        (
            "circles:goals", "circles:word", "circles:slips", "circles:slips_make", "circles:removal_ask",
            "circles:removal_answer", "circles:change_answer",
        ),
    ),
    Tab(
        "more",
        "pages:circle_more",
        (
            "circles:settings", "circles:hold", "pages:circle_seen", "pages:leave", "pages:end", "pages:decide",
            "pages:closing", "programmes:circle_pulse", "formats:import", "formats:cards",
            "journeys:import", "sessions:pairs", "shelf:circle_shelf", "shelf:lend", "shelf:bring", "shelf:asked",
            "shelf:circle_sentences", "circles:coming_plan", "pages:mirror",
        ),
    ),
)  # fmt: skip

PROGRAMME = (
    Tab("participation", "programmes:overview", ("programmes:circle", "programmes:report", "programmes:appoint")),
    Tab(
        "people",
        "programmes:people",
        (
            "programmes:import",
            "programmes:facilitators",
            "programmes:look_after",
            "programmes:invitation_withdraw",
            "programmes:invitation_resend",
            "programmes:invitations_several",
            "programmes:people_several",
        ),
    ),
    Tab(
        "circles",
        "programmes:forming",
        (
            "programmes:draft_change",
            "programmes:draft_add",
            "programmes:place",
            "programmes:publish",
            "programmes:proposal",
            "programmes:forming_rules",
            "programmes:season",
            "programmes:late",
        ),
    ),
    Tab("pulses", "programmes:pulses", ("programmes:pulse_circles", "programmes:pulse_days")),
    Tab("evaluation", "programmes:evaluation"),
    Tab(
        "settings",
        "programmes:settings",
        ("programmes:admin_ask", "programmes:end", "programmes:journey", "programmes:trail"),
    ),
)


def place_of(page: str, places: tuple[Tab, ...]) -> str:
    """The key of the place that a page is or stands below; empty for a page that belongs to none of them."""
    return next((place.key for place in places if page == place.page or page in place.below), "")


# The places of the top bar, and the pages that stand below each and are in no circle's or programme's bar.
TOP = (
    Tab("today", "pages:today"),
    Tab(
        "circles",
        "pages:circles",
        ("pages:circle_start", "pages:circle_start_together", "pages:slip_code", "pages:facilitating"),
    ),
    Tab(
        "commitments",
        "agreements:commitments",
        (
            "agreements:commitment", "agreements:commitment_change", "agreements:commitment_move",
            "agreements:appointment",
        ),
    ),
    Tab(
        "formats",
        "formats:formats",
        (
            "journeys:journeys", "journeys:journey", "journeys:edit", "shelf:shelf", "shelf:item", "shelf:sentences",
        ),
    ),
    Tab("programmes", "programmes:programmes"),
)  # fmt: skip


def top_of(page: str) -> str:
    """The key of the place in the top bar that a page belongs to; empty for one that belongs to none, such as help."""
    found = place_of(page, TOP) or ("circles" if place_of(page, CIRCLE) else "")
    room = page.split(":")[0]
    return found or (room if room in ("formats", "programmes") else "")
