"""Who may open which address. One line an address: its methods and its rule; an address without a line fails the suite.

Whoever a rule does not let in gets, byte for byte, the 404 of a thing that does not exist; whoever is not signed in is
sent to sign in. Every other method of an address answers 405.
"""

EVERYBODY = (
    "anonymous", "stranger", "invited", "former member", "facilitator of another circle", "guest", "member",
    "facilitator", "programme administrator", "staff", "superuser",
)  # fmt: skip

# Rules about one circle and what belongs to it: who is let in.
INSIDE = {
    # Present members of the circle.
    "member": ("member", "facilitator"),
    # As member, and guests of that session who have said yes.
    "attending": ("member", "facilitator", "guest"),
    # Such guests only.
    "guest": ("guest",),
    "facilitator": ("facilitator",),
    # The one person whose thing it is.
    "owner": ("member",),
    # The one person whom the owner of a commitment chose to ask, or whom somebody asked about a role.
    "partner": ("facilitator",),
    # Both of them.
    "pair": ("member", "facilitator"),
    # Whoever administers a programme the person is in, and staff.
    "over": ("programme administrator", "staff", "superuser"),
    # People with rights over the site.
    "administrator": ("staff", "superuser"),
    # The administrators of a programme; staff and superusers are not.
    "leads": ("programme administrator",),
    # Whoever has asked for a place in a programme.
    "enrolled": ("member",),
}
# Rules about no circle.
#   open    everybody, signed in or not
#   signed  anyone signed in
#   fresh   anyone who has just signed in; others who are signed in are asked to do it again
#   token   whoever holds a secret that works; without one it is a page that says so, with 404

# The methods of each address and their rule; where two are named, the second is for the second method.
RULES: dict[str, tuple[str, str]] = {
    "healthz": ("GET", "open"),
    "readyz": ("GET", "open"),
    "pages:today": ("GET", "open"),
    "pages:who_sees_what": ("GET", "open"),
    "pages:help": ("GET", "open"),
    "pages:person_left": ("GET POST", "over"),
    "pages:slip_code": ("GET POST", "open"),
    "pages:join_sign_ins": ("GET", "open"),
    "pages:invitation_open": ("GET", "token"),
    "pages:invitation": ("GET POST", "token"),
    "accounts:setup_open": ("GET", "token"),
    "accounts:setup": ("GET POST", "token"),
    "accounts:appearance": ("POST", "open"),
    "pages:address_back": ("GET POST", "token"),
    "pages:step_lost": ("POST", "open"),
    "pages:step_lost_ask": ("GET POST", "token"),
    "pages:step_keep": ("POST", "signed"),
    "accounts:account": ("GET", "signed"),
    "accounts:profile": ("GET POST", "signed"),
    "pages:circles": ("GET", "signed"),
    "pages:calendar": ("GET POST", "signed"),
    "pages:account_delete": ("GET POST", "fresh"),
    "pages:feed": ("GET", "token"),
    "pages:circle_start": ("GET POST", "signed"),
    "agreements:commitments": ("GET POST", "signed"),
    "pages:circle": ("GET", "member"),
    "pages:circle_sessions": ("GET", "member"),
    "pages:circle_commitments": ("GET", "member"),
    "pages:circle_more": ("GET", "member"),
    "pages:circle_seen": ("GET", "member"),
    "circles:people": ("GET POST", "member facilitator"),
    "pages:leave": ("GET POST", "member"),
    "circles:settings": ("GET POST", "facilitator"),
    "circles:slips": ("GET", "facilitator"),
    "circles:slips_make": ("POST", "facilitator"),
    "circles:facilitation_ask": ("POST", "facilitator"),
    "circles:facilitator_stop": ("POST", "facilitator"),
    # Open to the whole circle once it is announced: see tests/circles/test_changes.py.
    "circles:change_answer": ("POST", "member"),
    "circles:removal_ask": ("POST", "facilitator"),
    # Open to every member but the one it is about: see tests/circles/test_removal.py.
    "circles:removal_answer": ("POST", "partner"),
    "circles:invitation_revoke": ("POST", "facilitator"),
    "circles:invitation_resend": ("POST", "facilitator"),
    "pages:slip_settle": ("POST", "facilitator"),
    "pages:decide": ("GET POST", "member"),
    "pages:decide_settle": ("POST", "facilitator"),
    "pages:closing": ("GET POST", "member"),
    "pages:close": ("POST", "facilitator"),
    "pages:end": ("GET POST", "facilitator"),
    "pages:facilitating": ("GET", "signed"),
    "pages:own_words": ("GET", "signed"),
    "pages:own_words_delete": ("POST", "owner"),
    "pages:export": ("GET POST", "fresh"),
    "programmes:programmes": ("GET", "signed"),
    "programmes:start": ("GET POST", "administrator"),
    "programmes:overview": ("GET", "leads"),
    "programmes:settings": ("GET POST", "leads"),
    "programmes:admin_ask": ("POST", "leads"),
    "programmes:admin_ask_withdraw": ("POST", "leads"),
    "programmes:administer_open": ("GET", "token"),
    # Open to whoever holds the secret, or has the address: see tests/programmes/test_asking.py.
    "programmes:administer": ("GET POST", "token"),
    "programmes:look_after": ("GET POST", "owner"),
    "programmes:facilitators_ask": ("POST", "leads"),
    "programmes:admin_remove": ("POST", "leads"),
    "programmes:end": ("POST", "leads"),
    "programmes:people": ("GET POST", "leads"),
    "programmes:remind": ("POST", "leads"),
    "programmes:import": ("GET POST", "leads"),
    "programmes:invitation_withdraw": ("POST", "leads"),
    "programmes:invitation_open": ("GET", "token"),
    # Open to everybody where the programme is: see tests/programmes/test_after_the_yes.py.
    "programmes:join": ("GET POST", "token"),
    "programmes:mine": ("GET POST", "enrolled"),
    "programmes:note": ("GET", "enrolled"),
    "programmes:again": ("POST", "enrolled"),
    "programmes:withdraw": ("POST", "enrolled"),
    "programmes:forming": ("GET POST", "leads"),
    "programmes:draft_add": ("POST", "leads"),
    "programmes:draft_change": ("GET POST", "leads"),
    "programmes:draft_drop": ("POST", "leads"),
    "programmes:place": ("POST", "leads"),
    "programmes:draft_lock": ("POST", "leads"),
    "programmes:move": ("POST", "leads"),
    "programmes:move_cost": ("GET", "leads"),
    "programmes:move_undo": ("POST", "leads"),
    "programmes:propose": ("POST", "leads"),
    "programmes:proposal": ("GET", "leads"),
    "programmes:proposal_stop": ("POST", "leads"),
    "programmes:proposal_take": ("POST", "leads"),
    "programmes:proposal_drop": ("POST", "leads"),
    "programmes:forming_rules": ("GET POST", "leads"),
    "programmes:publish": ("POST", "leads"),
    "programmes:round_drop": ("POST", "leads"),
    "programmes:export": ("GET", "leads"),
    "programmes:report": ("GET", "leads"),
    "programmes:circle": ("GET", "leads"),
    "programmes:appoint": ("POST", "leads"),
    "programmes:facilitators": ("GET", "leads"),
    "programmes:pulses": ("GET", "leads"),
    "programmes:pulse_circles": ("GET", "leads"),
    "programmes:pulse_days": ("GET POST", "leads"),
    "programmes:evaluation": ("GET", "leads"),
    "programmes:answer": ("GET POST", "owner"),
    "programmes:circle_pulse": ("GET", "member"),
    "agreements:agreement": ("GET", "member"),
    "agreements:agreement_sign": ("POST", "member"),
    "agreements:agreement_print": ("GET", "member"),
    "agreements:agreement_text": ("GET", "member"),
    "agreements:agreement_version": ("GET", "member"),
    "agreements:agreement_hard": ("GET", "member"),
    "agreements:propose": ("GET POST", "member"),
    "agreements:proposal": ("GET POST", "member"),
    "agreements:proposal_withdraw": ("POST", "owner"),
    "agreements:commitment_add": ("GET POST", "member"),
    "agreements:commitment_settle": ("POST", "owner"),
    "agreements:commitment_move": ("GET POST", "owner"),
    # The partner too, in what a partner does: see tests/agreements/test_commitments.py.
    "agreements:commitment": ("GET", "pair"),
    "agreements:appointment": ("GET POST", "pair"),
    "agreements:appointment_settle": ("POST", "pair"),
    "agreements:appointment_calendar": ("GET", "pair"),
    "agreements:partner_answer": ("POST", "partner"),
    "agreements:nudge": ("POST", "partner"),
    "agreements:commitment_change": ("GET POST", "owner"),
    "agreements:commitment_delete": ("POST", "owner"),
    "agreements:progress": ("POST", "owner"),
    "agreements:step_add": ("POST", "owner"),
    "agreements:step_mark": ("POST", "owner"),
    "sessions:schedule": ("GET POST", "facilitator"),
    "sessions:sign_remind": ("POST", "facilitator"),
    "sessions:session": ("GET", "attending"),
    "sessions:session_calendar": ("GET", "attending"),
    "sessions:session_not_held": ("POST", "facilitator"),
    "sessions:stand_in": ("POST", "facilitator"),
    "sessions:reminder_note": ("POST", "facilitator"),
    "sessions:swap_ask": ("POST", "member"),
    "sessions:swap_answer": ("POST", "partner"),
    "sessions:find_time": ("GET", "facilitator"),
    "sessions:times_ask": ("POST", "facilitator"),
    "sessions:poll_start": ("GET POST", "facilitator"),
    "sessions:poll": ("GET POST", "member"),
    "sessions:poll_close": ("POST", "facilitator"),
    "pages:self_run": ("POST", "member"),
    "pages:times": ("GET POST", "signed"),
    # Takes back one's own stretch or absence, and says nothing about anybody else's.
    "pages:times_remove": ("POST", "signed"),
    "pages:preferences": ("GET POST", "signed"),
    "pages:day": ("GET POST", "signed"),
    "pages:notices": ("GET", "signed"),
    "pages:notices_read": ("POST", "signed"),
    "pages:notice_open": ("POST", "owner"),
    "pages:unsubscribe": ("GET POST", "token"),
    "pages:outbox": ("GET", "administrator"),
    "pages:outbox_again": ("POST", "administrator"),
    "pages:outbox_test": ("POST", "administrator"),
    "sessions:session_edit": ("GET POST", "facilitator"),
    "sessions:session_cancel": ("GET POST", "facilitator"),
    "sessions:session_take_back": ("POST", "facilitator"),
    "sessions:sheet": ("GET", "member"),
    "sessions:rsvp": ("POST", "member"),
    "sessions:issue": ("GET POST", "member"),
    "sessions:roles": ("POST", "facilitator"),
    "sessions:role_take": ("POST", "member"),
    "sessions:guest_invite": ("POST", "facilitator"),
    "sessions:guest_withdraw": ("POST", "member"),
    "sessions:guest_leave": ("POST", "guest"),
    "sessions:guest_sign": ("POST", "guest"),
    "sessions:guest_open": ("GET", "token"),
    "sessions:answer_open": ("GET POST", "token"),
    # Open to whoever signs with the secret of the settings: see tests/sessions/test_links.py.
    "sessions:answer_door": ("POST", "token"),
    "sessions:guest": ("GET POST", "token"),
    "sessions:live": ("GET", "attending"),
    "sessions:live_room": ("GET", "attending"),
    "sessions:start": ("POST", "member"),
    "sessions:put_back": ("POST", "member"),
    "sessions:note": ("POST", "attending"),
    "sessions:scribe": ("POST", "member"),
    "circles:word": ("GET POST", "member"),
    "circles:goals": ("GET POST", "member"),
    "circles:hold": ("POST", "facilitator"),
    "sessions:command": ("POST", "attending"),
    "sessions:replan": ("POST", "member"),
    "sessions:turns": ("POST", "facilitator"),
    "sessions:turn": ("POST", "attending"),
    "sessions:hand_over": ("POST", "member"),
    "sessions:take_over": ("POST", "member"),
    "sessions:signal": ("POST", "attending"),
    "sessions:sharing": ("POST", "attending"),
    "sessions:shared": ("GET", "attending"),
    "sessions:shared_room": ("GET", "attending"),
    # Closed for members too until the session is over: see tests/sessions/test_room.py.
    "sessions:attendance": ("POST", "member"),
    "sessions:check_out": ("GET POST", "member"),
    "formats:formats": ("GET", "signed"),
    "formats:cards": ("GET", "signed"),
    "formats:card": ("GET POST", "signed"),
    # With the code of a circle's own format; those of the library are everybody's who is signed in.
    "formats:detail": ("GET", "member"),
    "formats:file": ("GET", "member"),
    "formats:copy": ("POST", "member"),
    "formats:rehearse": ("POST", "member"),
    "formats:edit": ("GET POST", "facilitator"),
    "formats:retire": ("POST", "facilitator"),
    "formats:import": ("GET POST", "facilitator"),
    "formats:rehearsal": ("GET", "owner"),
    "formats:rehearsal_room": ("GET", "owner"),
    "formats:rehearsal_command": ("POST", "owner"),
    "formats:rehearsal_replan": ("POST", "owner"),
    "formats:rehearsal_turn": ("POST", "owner"),
}

# Pages of allauth: those for people who are not signed in, and those about one's own account.
ENTRANCE = {
    "accounts:sign_out",
    "account_login", "account_signup", "account_inactive", "account_email_verification_sent",
    "account_reset_password", "account_reset_password_done", "account_reset_password_from_key",
    "account_reset_password_from_key_done", "account_confirm_login_code", "account_request_login_code",
    "account_logout", "openid_connect_login", "openid_connect_callback", "mfa_authenticate", "mfa_login_webauthn", "socialaccount_login_cancelled",
    "socialaccount_login_error", "socialaccount_signup", "social/login/cancelled/", "social/login/error/", "social/signup/",
}  # fmt: skip
OWN_ACCOUNT = {
    "account_email", "account_change_password", "account_set_password", "account_reauthenticate", "mfa_index",
    "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes", "mfa_download_recovery_codes", "mfa_add_webauthn", "mfa_list_webauthn",
    "mfa_edit_webauthn", "mfa_remove_webauthn", "mfa_reauthenticate_webauthn", "usersessions_list",
    "socialaccount_connections", "social/connections/", "pages:sign_in_again",
}  # fmt: skip


def asked_of(*rules: str) -> list[tuple[str, str, str]]:
    """Every address under one of these rules, with its method and the rule for it."""
    found = []
    for name, (methods, rule) in RULES.items():
        listed = rule.split()
        for at, method in enumerate(methods.split()):
            found.append((name, method, listed[min(at, len(listed) - 1)]))
    return [one for one in found if one[2] in rules]
