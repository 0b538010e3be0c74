"""Who may open which address. One line an address: its method and its rule; an address without a line fails the suite.

open         everybody, signed in or not
signed       anyone signed in; others are sent to sign in
member       present members of the circle; everybody else gets the 404 of what does not exist
facilitator  facilitators of the circle only
owner        the one person whose thing it is
staff        the admin site
"""

RULES: dict[str, tuple[str, str]] = {
    "healthz": ("GET", "open"),
    "readyz": ("GET", "open"),
    "pages:today": ("GET", "open"),
    "pages:who_sees_what": ("GET", "open"),
    "pages:help": ("GET", "open"),
    "pages:slip_code": ("GET", "open"),
    "pages:invitation_open": ("GET", "token"),
    "pages:invitation": ("GET", "token"),
    "accounts:setup_open": ("GET", "token"),
    "accounts:setup": ("GET", "token"),
    "accounts:appearance": ("POST", "open"),
    "accounts:account": ("GET", "signed"),
    "accounts:profile": ("GET", "signed"),
    "pages:circles": ("GET", "signed"),
    "pages:circle_start": ("GET", "signed"),
    "agreements:commitments": ("GET", "signed"),
    "pages:circle": ("GET", "member"),
    "pages:circle_seen": ("GET", "member"),
    "circles:people": ("GET", "member"),
    "circles:leave": ("GET", "member"),
    "circles:settings": ("GET", "facilitator"),
    "circles:slips": ("GET", "facilitator"),
    "circles:slips_make": ("POST", "facilitator"),
    "circles:facilitator_add": ("POST", "facilitator"),
    "circles:invitation_revoke": ("POST", "facilitator"),
    "circles:invitation_resend": ("POST", "facilitator"),
    "circles:slip_settle": ("POST", "facilitator"),
    "agreements:agreement": ("GET", "member"),
    "agreements:agreement_sign": ("POST", "member"),
    "agreements:commitment_add": ("GET", "member"),
    "agreements:commitment_settle": ("POST", "owner"),
    "agreements:commitment_move": ("GET", "owner"),
    "sessions:schedule": ("GET", "facilitator"),
    "sessions:session": ("GET", "member"),
    "sessions:session_edit": ("GET", "facilitator"),
    "sessions:session_cancel": ("GET", "facilitator"),
    "sessions:rsvp": ("POST", "member"),
    "sessions:issue": ("POST", "member"),
    "sessions:roles": ("POST", "facilitator"),
    "sessions:role_take": ("POST", "member"),
    "sessions:live": ("GET", "member"),
    "sessions:live_room": ("GET", "member"),
    "sessions:start": ("POST", "member"),
    "sessions:note": ("POST", "member"),
    "sessions:scribe": ("POST", "member"),
    "circles:word": ("GET", "member"),
    "sessions:command": ("POST", "member"),
    "sessions:replan": ("POST", "member"),
    "sessions:turns": ("POST", "facilitator"),
    "sessions:turn": ("POST", "member"),
    "sessions:hand_over": ("POST", "member"),
    "sessions:take_over": ("POST", "member"),
    "sessions:signal": ("POST", "member"),
    "sessions:shared": ("GET", "member"),
    "sessions:shared_room": ("GET", "member"),
    # Closed for members too until the session is over: see tests/sessions/test_room.py.
    "sessions:attendance": ("POST", "member"),
    "sessions:check_out": ("GET", "member"),
    "formats:formats": ("GET", "signed"),
    "formats:cards": ("GET", "signed"),
    "formats:card": ("GET", "signed"),
    # With the code of a circle's own format; those of the library are everybody's who is signed in.
    "formats:detail": ("GET", "member"),
    "formats:file": ("GET", "member"),
    "formats:copy": ("POST", "member"),
    "formats:rehearse": ("POST", "member"),
    "formats:edit": ("GET", "facilitator"),
    "formats:retire": ("POST", "facilitator"),
    "formats:import": ("GET", "facilitator"),
    "formats:rehearsal": ("GET", "owner"),
    "formats:rehearsal_room": ("GET", "owner"),
    "formats:rehearsal_command": ("POST", "owner"),
    "formats:rehearsal_replan": ("POST", "owner"),
    "formats:rehearsal_turn": ("POST", "owner"),
}

# Pages of allauth: those for people who are not signed in, and those about one's own account.
ENTRANCE = {
    "account_login", "account_signup", "account_inactive", "account_email_verification_sent",
    "account_reset_password", "account_reset_password_done", "account_reset_password_from_key",
    "account_reset_password_from_key_done", "account_confirm_login_code", "account_request_login_code",
    "account_logout", "mfa_authenticate", "mfa_login_webauthn", "socialaccount_login_cancelled",
    "socialaccount_login_error", "socialaccount_signup", "social/login/cancelled/", "social/login/error/", "social/signup/",
}  # fmt: skip
OWN_ACCOUNT = {
    "account_email", "account_change_password", "account_set_password", "account_reauthenticate", "mfa_index",
    "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes", "mfa_download_recovery_codes", "mfa_add_webauthn", "mfa_list_webauthn",
    "mfa_edit_webauthn", "mfa_remove_webauthn", "mfa_reauthenticate_webauthn", "usersessions_list",
    "socialaccount_connections", "social/connections/",
}  # fmt: skip
