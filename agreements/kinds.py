"""The keys of the messages about commitments and looks, as they are stored."""

COMMITMENT_DUE, PLAN_CUE = "commitment_due", "plan_cue"
REMINDERS_OF_IT = (COMMITMENT_DUE, PLAN_CUE)
PARTNER_ASKED, PARTNER_NO, PARTNER_GONE = "partner_asked", "partner_no", "partner_gone"
NUDGE = "commitment_nudge"
MIRROR_OPEN = "mirror_open"
APPOINTMENT_SET, APPOINTMENT_OFF, APPOINTMENT_SOON = "appointment_set", "appointment_off", "appointment_soon"
ABOUT_PARTNER = (PARTNER_ASKED, PARTNER_NO, PARTNER_GONE)
ABOUT_APPOINTMENT = (APPOINTMENT_SET, APPOINTMENT_SOON)
