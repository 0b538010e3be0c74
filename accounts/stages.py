"""Where signing in differs from the library's: an account that was let in without proof signs in without it too."""

from typing import Any

from allauth.account.stages import EmailVerificationStage


class ProofStage(EmailVerificationStage):
    """A code by mail for an address that is not verified, save where the account stands as not proved.

    Such an account works with its password, also where there is no mail server; it gets no mail and proves its address
    on its own page. Whoever signs up under its address, or asks for a code, is asked for the code.
    """

    def handle(self) -> tuple[Any, bool]:
        user = self.login.user
        if user is not None and user.unproved_since is not None and not self.login.signup:
            return None, True
        return super().handle()  # type: ignore[no-any-return]
