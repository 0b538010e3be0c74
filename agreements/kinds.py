"""The keys of the messages about commitments, as they are stored."""

COMMITMENT_DUE = "commitment_due"
PARTNER_ASKED, PARTNER_NO, PARTNER_GONE = "partner_asked", "partner_no", "partner_gone"
NUDGE = "commitment_nudge"
APPOINTMENT_SET, APPOINTMENT_OFF, APPOINTMENT_SOON = "appointment_set", "appointment_off", "appointment_soon"
ABOUT_PARTNER = (PARTNER_ASKED, PARTNER_NO, PARTNER_GONE)
ABOUT_APPOINTMENT = (APPOINTMENT_SET, APPOINTMENT_SOON)
