"""The doors for everybody: stop, sign-up, archive, notice. No cookies, no scripts, the same answer for all."""
