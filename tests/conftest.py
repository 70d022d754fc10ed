"""How the properties draw: `repeatable` for every run, so that a failure belongs to the change that is tested;
`anew` (`make draw`) looks for what nobody has seen, with other draws each time.
"""

from hypothesis import HealthCheck, settings

_BUSY = [HealthCheck.too_slow, HealthCheck.filter_too_much]  # a busy machine is no defect

settings.register_profile("repeatable", derandomize=True, deadline=None, suppress_health_check=_BUSY)
settings.register_profile("anew", deadline=None, suppress_health_check=_BUSY, print_blob=True)
settings.load_profile("repeatable")
