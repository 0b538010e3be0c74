"""One circle with everything an address can name, and one person of each kind who may or may not open it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.urls import reverse

from accounts.models import User
from agreements.appointment_services import appointment_set
from agreements.commitment_services import CommitmentDetails, commitment_make, step_add
from agreements.mirror_services import one_change_decide
from agreements.proposal_services import ProposalDetails, proposal_make
from agreements.selectors import clauses_of, current_version
from circles.invitation_services import members_invite
from circles.models import Announcement, Circle, Membership, RemovalRequest
from notifications.models import Message
from notifications.services import About, messages_put
from programmes.asking_services import admin_ask, facilitators_ask
from programmes.enrolment_services import EnrolmentDetails, enrolment_make, people_invite
from programmes.forming_services import draft_change, round_begin
from programmes.late_services import late_ask
from programmes.models import (
    AdminInvitation,
    FacilitatorAsked,
    LatePlace,
    ProgrammeInvitation,
    Pulse,
    PulseTicket,
    Round,
    RoundCircle,
)
from programmes.pulse_services import pulse_open, pulses_plan
from sessions.enums import Role, ShelfKind
from sessions.formats.library import definitions, version_of
from sessions.formats.services import format_copy
from sessions.guests.services import guest_accept, guest_invite
from sessions.journeys.library import journey_version_of, shipped_definitions
from sessions.journeys.services import journey_copy
from sessions.live.rehearsal_services import rehearsal_begin
from sessions.models import SentenceOffer
from sessions.planning.journey_services import journey_take
from sessions.planning.poll_services import poll_start
from sessions.planning.roles_services import roles_choose, swap_ask
from sessions.shelf.lendable import Lendable
from sessions.shelf.services import shelf_ask
from tests.factories import NOW, make_circle, make_programme, make_session, make_user

COMMITMENTS = [
    f"agreements:{name}"
    for name in (
        "commitment", "commitment_settle", "commitment_move", "commitment_change", "commitment_delete", "progress",
        "step_add", "step_mark", "partner_answer", "nudge", "appointment", "appointment_settle", "appointment_calendar",
    )
]  # fmt: skip


# Something of another circle that stands on the shelf.
LENT = UUID("5e1f0000-0000-4000-8000-000000000001")

OF_A_CIRCLE = (
    "sessions:circle_journey", "sessions:journey_take", "sessions:journey_leave", "sessions:leg_skip",
    "sessions:leg_swap",
    "sessions:schedule", "sessions:find_time", "sessions:times_ask", "sessions:busy_look", "sessions:poll_start", "sessions:sign_remind",
    "sessions:pairs",
)  # fmt: skip


class World:
    """One circle with everything an address can name, and one person of each kind."""

    def __init__(self) -> None:
        alice, bob = make_user("Alice Archer"), make_user("Bob Baker")
        self.circle: Circle = make_circle(alice, [bob])
        former = make_user("Fred Former")
        Membership.objects.create(circle=self.circle, user=former, joined_at=NOW, left_at=NOW + timedelta(hours=1))
        other = make_user("Olga Other")
        elsewhere = make_circle(other, name="Another circle")
        staff = User.objects.create_user("stan@example.org", name="Stan", zone_confirmed=True, is_staff=True)
        self.people: dict[str, User | None] = {
            "anonymous": None,
            "stranger": make_user("Erin Else"),
            "former member": former,
            "facilitator of another circle": other,
            "staff": staff,
            "superuser": User.objects.create_superuser("sue@example.org", name="Sue", zone_confirmed=True),
            "member": bob,
            "facilitator": alice,
        }
        self.session = make_session(self.circle, alice)
        self.guest = guest_invite(session=self.session, name="G", email="gus@example.org", by=alice, now=NOW)
        gus = make_user("Gus Guest")
        guest_accept(guest=self.guest, user=gus, now=NOW)
        self.people["guest"] = gus
        invited = self.people["invited"] = make_user("Ivy Invited")
        addresses = ["x@example.org", invited.email]
        self.invitation = members_invite(circle=self.circle, emails=addresses, by=alice, now=NOW).sent[0]
        self.version = current_version(self.circle)
        self.commitment = commitment_make(
            circle=self.circle,
            owner=bob,
            details=CommitmentDetails(text="w", due_on=NOW.date(), partner=alice),
            now=NOW,
        )
        step_add(commitment=self.commitment, text="s")
        self.step = self.commitment.steps.get()
        appointment_set(commitment=self.commitment, local_start=NOW.replace(tzinfo=None, hour=12), zone="UTC", now=NOW)
        details = (
            ProposalDetails(change="drop", why="w", line=clauses_of(self.version)[0].line) if self.version else None
        )
        assert details
        self.proposal = proposal_make(circle=self.circle, details=details, by=bob, now=NOW)
        self.format = format_copy(circle=self.circle, definition=definitions()["council"], name="Our council", now=NOW)
        self.journey = journey_copy(
            circle=self.circle, definition=shipped_definitions()["first_six"], name="Our six", now=NOW
        )
        version = journey_version_of("first_six")
        self.leg = journey_take(circle=self.circle, version=version, by=alice, now=NOW).legs.get(number=3)
        self.rehearsal = rehearsal_begin(version=version_of("pair"), owner=bob, people=2, speed=1, now=NOW)
        roles_choose(session=self.session, holders={"scribe": bob}, now=NOW)
        self.swap = swap_ask(session=self.session, role=Role.SCRIBE, by=bob, asked=alice, now=NOW)
        asked = [datetime(2027, 2, day, 16, 0) for day in (4, 5)]
        self.poll = poll_start(circle=self.circle, starts=asked, zone="Europe/London", by=alice, now=NOW)
        about = About("session", self.session.code, circle=self.circle.code)
        messages_put(kind="session_scheduled", about=about, to=[bob], due_at=NOW, now=NOW)
        Message.objects.filter(user=bob).update(state="sent", heard_at=NOW)
        self.notice = Message.objects.filter(user=bob, kind="session_scheduled").latest("pk")
        self.member = Membership.objects.get(circle=self.circle, user=bob)
        self.removal = RemovalRequest.objects.create(membership=self.member, asked_by=alice, asked_at=NOW)
        self.change = Announcement.objects.create(
            circle=self.circle, what="retention", before={"retention_days": 30}, after={"retention_days": 0},
            asked_by=alice, asked_at=NOW, takes_effect_at=NOW,
        )  # fmt: skip
        self.one_change = one_change_decide(circle=self.circle, text="t", now=NOW)
        lent = Lendable(ShelfKind.CLAUSE, theme="feedback", text="t")
        self.item = shelf_ask(circle=self.circle, thing=lent, helped="h", by=bob, now=NOW)
        kept = shelf_ask(circle=elsewhere, thing=lent, helped="h", by=other, now=NOW)
        kept.code, kept.text, kept.helped = LENT, "t", "h"
        kept.save()
        self.offer = SentenceOffer(circle=self.circle, user=alice, vault=self.circle.vault, offered_at=NOW)
        self.offer.text = "t"
        self.offer.save()
        # What each of them is shown of a thing that does not exist.
        self.nothing: dict[str, bytes] = {}
        self._programme(alice, bob)
        self._elsewhere(elsewhere, other)

    def _elsewhere(self, circle: Circle, olga: User) -> None:
        """What another facilitator has of the same kinds, by the codes of what there is here."""
        programme = make_programme(olga, name="Another programme")
        promise = CommitmentDetails(text="w", due_on=NOW.date())
        self.elsewhere: dict[UUID, UUID] = {
            self.circle.code: circle.code,
            self.session.code: make_session(circle, olga).code,
            self.commitment.code: commitment_make(circle=circle, owner=olga, details=promise, now=NOW).code,
            self.programme.code: programme.code,
            self.round.code: round_begin(programme=programme, first_on=NOW.date()).code,
        }

    def _programme(self, alice: User, bob: User) -> None:
        """A programme the circle belongs to, with a board, an invitation and a pulse that is open."""
        dana = make_user("Dana Administrator")
        self.people["programme administrator"] = dana
        self.programme = make_programme(dana, is_open=False)
        people_invite(
            programme=self.programme,
            people={"i@example.org": {}, bob.email: {}, "ivy@example.org": {}, "lara@example.org": {}},
            by=dana,
            now=NOW,
        )
        invited = {one.email: one for one in ProgrammeInvitation.objects.all()}
        self.programme_invitation = invited["i@example.org"]
        self.enrolment = enrolment_make(
            programme=self.programme, user=bob, yes=EnrolmentDetails(), now=NOW, invitation=invited[bob.email]
        )
        earlier = Round.objects.create(programme=self.programme, number=1, first_on=NOW.date(), published_at=NOW)
        RoundCircle.objects.create(round=earlier, circle=self.circle)
        pulses_plan(round_=earlier, first_on=NOW.date())
        self.pulse = Pulse.objects.get(round=earlier, moment="start")
        pulse_open(pulse=self.pulse, now=NOW)
        self.ticket = PulseTicket.objects.get(user=bob)
        lara, held = make_user("Lara Late"), invited["lara@example.org"]
        self.late = enrolment_make(
            programme=self.programme, user=lara, yes=EnrolmentDetails(), now=NOW, invitation=held
        )
        late_ask(programme=self.programme, asked={self.late.code: self.circle.code}, by=dana, now=NOW)
        self.late_place = LatePlace.objects.get()
        self.round = round_begin(programme=self.programme, first_on=(NOW + timedelta(days=7)).date())
        self.draft = self.round.drafts.get()
        admin_ask(programme=self.programme, email=bob.email, by=dana, now=NOW)
        self.admin_asked = AdminInvitation.objects.get()
        draft_change(draft=self.draft, name=self.draft.name, facilitator=bob, first_on=None, first_at=None)
        facilitators_ask(round_=self.round, by=dana, now=NOW)
        self.facilitator_asked = FacilitatorAsked.objects.get()

    def path(self, name: str) -> str:
        """The address of the object in this circle."""
        return self._path(name, missing=False)

    def missing(self, name: str) -> str:
        """The same address for an object that does not exist."""
        return self._path(name, missing=True)

    def _path(self, name: str, *, missing: bool) -> str:
        return reverse(name, kwargs=self.kwargs(name, missing=missing))

    def kwargs(self, name: str, *, missing: bool = False) -> dict[str, Any]:
        """What an address names: the things of this circle, or of none."""
        codes = {"sessions": self.session.code} | dict.fromkeys(COMMITMENTS, self.commitment.code)
        if name in ("pages:outbox", "pages:outbox_again", "pages:outbox_test", "programmes:start"):
            return {}
        if name == "pages:notice_open":
            return {"pk": 10**9 if missing else self.notice.pk}
        if name == "pages:own_words_delete":
            return {"key": "commitment", "code": uuid4() if missing else self.commitment.code}
        if name == "pages:person_left":
            return {"code": uuid4() if missing else self.member.user.code}
        code = codes.get(name, self.circle.code)
        if name.startswith("sessions:") and name not in OF_A_CIRCLE:
            code = self.session.code
        if name in ("sessions:poll", "sessions:poll_close"):
            code = self.poll.code
        code = {"shelf:asked": self.item.code, "circles:removal_answer": self.removal.code}.get(name, code)
        if name == "circles:change_answer":
            code = self.change.code
        if name == "sessions:swap_answer":
            code = self.swap.code
        if name in ("agreements:proposal", "agreements:proposal_withdraw"):
            code = self.proposal.code
        if name.startswith("formats:rehearsal"):
            code = self.rehearsal.code
        kwargs: dict[str, Any] = {"code": uuid4() if missing else code}
        if name in (
            "formats:detail",
            "formats:file",
            "formats:copy",
            "formats:rehearse",
            "formats:edit",
            "formats:retire",
        ):
            kwargs = {"ref": str(uuid4()) if missing else self.format.ref}
        if name.startswith("journeys:") and name != "journeys:import":
            kwargs = {"ref": str(uuid4()) if missing else self.journey.ref}
        of_circle = ("programmes:circle_pulse", "programmes:journey_offered", "programmes:journey_refuse")
        if name.startswith("programmes:") and name not in of_circle:
            own = {
                "programmes:answer": self.ticket.code,
                "programmes:look_after": self.facilitator_asked.code,
                "programmes:late_place": self.late_place.code,
                "programmes:pulse_days": self.pulse.code,
                "programmes:pulse_circles": self.pulse.code,
            }
            of_round = name.split(":")[1] in (
                "draft_add",
                "draft_change",
                "draft_drop",
                "draft_lock",
                "place",
                "move",
                "move_cost",
                "move_undo",
                "facilitators_propose",
                "propose",
                "proposal",
                "proposal_stop",
                "proposal_take",
                "proposal_drop",
                "publish",
                "round_drop",
                "facilitators_ask",
            )
            found = own.get(name, self.round.code if of_round else self.programme.code)
            kwargs = {"code": uuid4() if missing else found}
        extra = {
            "programmes:admin_remove": {"person": self.people["programme administrator"].code},  # type: ignore[union-attr]
            "programmes:admin_ask_withdraw": {"invitation": self.admin_asked.code},
            "programmes:invitation_withdraw": {"invitation": self.programme_invitation.code},
            "programmes:invitation_resend": {"invitation": self.programme_invitation.code},
            "programmes:draft_change": {"draft": self.draft.code},
            "programmes:draft_drop": {"draft": self.draft.code},
            "programmes:draft_lock": {"draft": self.draft.code},
            "programmes:place": {"person": self.enrolment.code},
            "programmes:late_ask": {"person": self.late.code},
            "programmes:late_take_back": {"asked": self.late_place.code},
            "programmes:circle": {"circle": self.circle.code},
            "programmes:appoint": {"circle": self.circle.code},
            "circles:facilitation_ask": {"member": self.member.code},
            "circles:removal_ask": {"member": self.member.code},
            "circles:invitation_revoke": {"invitation": self.invitation.code},
            "circles:invitation_resend": {"invitation": self.invitation.code},
            "pages:one_change_settle": {"change": self.one_change.code},
            "shelf:back": {"item": self.item.code},
            "shelf:sentence_no": {"offer": self.offer.code},
            "pages:slip_settle": {"invitation": self.invitation.code},
            "agreements:step_mark": {"step": self.step.code},
            "agreements:agreement_version": {"number": 1},
            "agreements:propose": {"change": "add"},
            "sessions:command": {"kind": "next"},
            "sessions:replan": {"why": "time"},
            "sessions:turn": {"kind": "put_off"},
            "sessions:signal": {"kind": "hand"},
            "sessions:role_take": {"role": "scribe"},
            "sessions:swap_ask": {"role": "scribe"},
            "sessions:leg_skip": {"leg": self.leg.code},
            "sessions:leg_swap": {"leg": self.leg.code},
            "sessions:guest_withdraw": {"guest": self.guest.code},
            "formats:rehearsal_turn": {"why": "put_off"},
            "formats:rehearsal_command": {"kind": "pause"},
            "formats:rehearsal_replan": {"why": "time"},
        }
        return kwargs | extra.get(name, {})

    def form(self, name: str) -> dict[str, str]:
        role = {key: str(self.people["facilitator"].code) for key in ("host", "timekeeper", "scribe")}  # type: ignore[union-attr]
        return {
            "pages:decide": {"choice": "carry_on"},
            "pages:one_change": {"text": "t"},
            "pages:one_change_settle": {"became": "helped"},
            "shelf:asked": {"stance": "yes"},
            "shelf:lend": {"what": f"format-{self.format.ref}", "helped": "h"},
            "shelf:circle_sentences": {"text": "t"},
            "sessions:rsvp": {"answer": "yes"},
            "sessions:issue": {"title": "A title", "ask": "questions"},
            "sessions:roles": role,
            "sessions:swap_answer": {"answer": "yes"},
            "sessions:swap_ask": {"person": role["host"]},
            "sessions:stand_in": {"person": role["host"]},
            "sessions:reminder_note": {"kind": "session_day_before", "text": "Room 3"},
            "pages:self_run": {"say": "yes"},
            "sessions:journey_take": {"journey": "forum_year"},
            "sessions:leg_skip": {"skip": "yes"},
            "sessions:start": {"expected_seq": "0"},
            "sessions:command": {"expected_seq": "0"},
            "sessions:replan": {"expected_seq": "0"},
            "sessions:turn": {"expected_seq": "0"},
            "sessions:hand_over": {"expected_seq": "0"},
            "sessions:take_over": {"expected_seq": "0"},
            "formats:rehearsal_turn": {"expected_seq": "1"},
            "formats:rehearsal_command": {"expected_seq": "1"},
            "formats:rehearsal_replan": {"expected_seq": "1"},
            "formats:rehearse": {"people": "4", "speed": "60"},
            "sessions:guest_sign": {"version": str(self.version.code) if self.version else ""},
            "agreements:agreement_sign": {"version": str(self.version.code) if self.version else ""},
            "agreements:commitment_settle": {"status": "kept"},
            "agreements:progress": {"text": "w"},
            "agreements:step_add": {"text": "w"},
            "agreements:partner_answer": {"answer": "yes"},
            "circles:slips_make": {"number": "1"},
            "circles:removal_answer": {"answer": "withdraw"},
            "circles:change_answer": {"answer": "yes"},
        }.get(name, {})


def names(name: str) -> dict[str, str]:
    """What an address names that is not a thing of the circle."""
    return (
        {"code": str(uuid4())} | ({"token": "nothing"} if name.endswith("_open") else {})
        if name.startswith("programmes:") and name != "programmes:programmes"
        else {"token": "nothing"}
        if name.endswith("_open")
        or name
        in ("pages:feed", "pages:unsubscribe", "pages:address_back", "pages:step_lost_ask", "agreements:plan_answer")
        else {"key": "listening"}
        if name == "formats:card"
        else {"code": str(LENT)}
        if name in ("shelf:item", "shelf:file", "shelf:take")
        else {"key": str(uuid4())}
        if name == "shelf:sentence_away"
        else {"code": str(uuid4())}
        if name == "pages:times_remove"
        else {}
    )
