"""The agreement a new circle starts from, in our own words; the circle makes it its own. Pure data."""

from django.utils.translation import gettext_noop as _

# (theme, clause). The circle reads it together in the first session.
STARTING_CLAUSES: tuple[tuple[str, str], ...] = (
    (
        "confidentiality",
        _(
            "What is said in the circle stays in the circle. We may tell what we learned ourselves, never whose story it was."
        ),
    ),
    ("confidentiality", _("Nobody records a session or has it written down by a machine.")),
    (
        "confidentiality",
        _(
            "The limit of silence: if someone is in danger, or the law obliges one of us to act, we say so in the circle first where we can."
        ),
    ),
    ("respect", _("Here we are equals, whatever our titles outside. Each voice gets the same time.")),
    ("respect", _("We listen to the end. Passing is always allowed, and nobody is asked why.")),
    (
        "conflict",
        _(
            "When something is not right between two of us, we name it within a week: to each other first, then in the circle."
        ),
    ),
    ("conflict", _("Anyone may say “pause” at any moment. The clock stops.")),
    (
        "responsibilities",
        _("Roles go round. A role never costs the person who holds it their own turn to bring an issue."),
    ),
    ("responsibilities", _("Whoever brings an issue owns it. We help them think; we do not take it over.")),
    (
        "accountability",
        _("Each of us may leave with one commitment: a date, and a person who will ask how it went."),
    ),
    ("accountability", _("We come on time, and tell the others early when we cannot come.")),
    (
        "scope",
        _(
            "We bring real questions from our work that we can do something about. This is no therapy and no place to judge absent people."
        ),
    ),
    (
        "feedback",
        _(
            "Feedback names what someone did and what it did to us. We ask before we give it, and receive it with thanks."
        ),
    ),
)
