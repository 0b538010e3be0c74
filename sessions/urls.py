from django.urls import path

from accounts import limits
from sessions.guests import views as guests
from sessions.live import press_views, views, writing_views
from sessions.live import views as live
from sessions.planning import finding_views as finding
from sessions.planning import journey_views as journeys
from sessions.planning import pairs_views as pairs
from sessions.planning import preparation_views as preparing
from sessions.planning import roles_views as roles
from sessions.planning import schedule_views as scheduling
from sessions.planning import views as planning
from sessions.replies import views as replies
from sessions.replies.links import is_known

app_name = "sessions"
counted = limits.opens_with_secret(limits.in_the_address, is_known)
urlpatterns = [
    path("circles/<uuid:code>/sessions/schedule/", scheduling.schedule, name="schedule"),
    path("circles/<uuid:code>/times/", finding.find_time, name="find_time"),
    path("circles/<uuid:code>/times/ask/", finding.times_ask, name="times_ask"),
    path("circles/<uuid:code>/times/calendars/", finding.busy_look, name="busy_look"),
    path("circles/<uuid:code>/times/poll/", finding.poll_start, name="poll_start"),
    path("circles/<uuid:code>/pairs/", pairs.pairs, name="pairs"),
    path("circles/<uuid:code>/sign/remind/", scheduling.sign_remind, name="sign_remind"),
    path("circles/<uuid:code>/journey/", journeys.circle_journey, name="circle_journey"),
    path("circles/<uuid:code>/journey/take/", journeys.journey_take, name="journey_take"),
    path("circles/<uuid:code>/journey/leave/", journeys.journey_leave, name="journey_leave"),
    path("circles/<uuid:code>/journey/<uuid:leg>/skip/", journeys.leg_skip, name="leg_skip"),
    path("circles/<uuid:code>/journey/<uuid:leg>/swap/", journeys.leg_swap, name="leg_swap"),
    path("polls/<uuid:code>/", finding.poll, name="poll"),
    path("polls/<uuid:code>/close/", finding.poll_close, name="poll_close"),
    path("swaps/<uuid:code>/answer/", roles.swap_answer, name="swap_answer"),
    path("sessions/<uuid:code>/", views.session, name="session"),
    path("sessions/<uuid:code>/roles/<slug:role>/take/", roles.role_take, name="role_take"),
    path("sessions/<uuid:code>/roles/<slug:role>/ask/", roles.swap_ask, name="swap_ask"),
    path("sessions/<uuid:code>/stand-in/", roles.stand_in, name="stand_in"),
    path("sessions/<uuid:code>/note/", roles.reminder_note, name="reminder_note"),
    path("sessions/<uuid:code>/not-held/", scheduling.session_not_held, name="session_not_held"),
    path("sessions/<uuid:code>/session.ics", scheduling.session_calendar, name="session_calendar"),
    path("sessions/<uuid:code>/edit/", scheduling.session_edit, name="session_edit"),
    path("sessions/<uuid:code>/cancel/", scheduling.session_cancel, name="session_cancel"),
    path("sessions/<uuid:code>/take-back/", scheduling.session_take_back, name="session_take_back"),
    path("sessions/<uuid:code>/sheet/", planning.run_sheet, name="run_sheet"),
    path("sessions/<uuid:code>/preparation/", preparing.preparation, name="preparation"),
    path("sessions/<uuid:code>/preparation/bring/", preparing.preparation_bring, name="preparation_bring"),
    path("sessions/<uuid:code>/rsvp/", planning.rsvp, name="rsvp"),
    path("sessions/<uuid:code>/issue/", planning.issue, name="issue"),
    path("sessions/<uuid:code>/minutes/", planning.turns, name="turns"),
    path("sessions/<uuid:code>/roles/", roles.roles, name="roles"),
    path("sessions/<uuid:code>/guests/invite/", guests.guest_invite, name="guest_invite"),
    path("sessions/<uuid:code>/guests/leave/", guests.guest_leave, name="guest_leave"),
    path("sessions/<uuid:code>/guests/sign/", guests.guest_sign, name="guest_sign"),
    path("sessions/<uuid:code>/guests/<uuid:guest>/withdraw/", guests.guest_withdraw, name="guest_withdraw"),
    path("guest/<str:token>/", guests.guest_open, name="guest_open"),
    path("guest/", guests.guest, name="guest"),
    path("answer/<str:token>/", counted(replies.answer_open), name="answer_open"),
    path("answers/mail/", replies.answer_door, name="answer_door"),
    path("sessions/<uuid:code>/hosted/", live.hosted, name="hosted"),
    path("sessions/<uuid:code>/live/", live.live, name="live"),
    path("sessions/<uuid:code>/live/room/", live.live_room, name="live_room"),
    path("sessions/<uuid:code>/live/start/", live.start, name="start"),
    path("sessions/<uuid:code>/live/put-back/", live.put_back, name="put_back"),
    path("sessions/<uuid:code>/live/scribe/", writing_views.scribe, name="scribe"),
    path("sessions/<uuid:code>/live/note/", writing_views.note, name="note"),
    path("sessions/<uuid:code>/live/replan/<slug:why>/", press_views.replan, name="replan"),
    path("sessions/<uuid:code>/live/turn/<slug:kind>/", press_views.turn, name="turn"),
    path("sessions/<uuid:code>/live/hand-over/", press_views.hand_over, name="hand_over"),
    path("sessions/<uuid:code>/live/take-over/", press_views.take_over, name="take_over"),
    path("sessions/<uuid:code>/live/signal/<slug:kind>/", press_views.signal, name="signal"),
    path("sessions/<uuid:code>/live/sharing/", live.sharing, name="sharing"),
    path("sessions/<uuid:code>/live/shared/", live.shared, name="shared"),
    path("sessions/<uuid:code>/live/shared/room/", live.shared_room, name="shared_room"),
    path("sessions/<uuid:code>/live/<slug:kind>/", press_views.command, name="command"),
    path("sessions/<uuid:code>/attendance/", writing_views.attendance, name="attendance"),
    path("sessions/<uuid:code>/check-out/", writing_views.check_out, name="check_out"),
]
